"""Importances are kept by question and version of the store, and not for ever."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mlstudio.entities.comparison import ImportanceQuery, ImportanceReply
from mlstudio.entities.experiments import ExperimentCreate
from mlstudio.experiments import importance
from mlstudio.server import importances as importances_module
from mlstudio.server.studio import Studio
from mlstudio.store import open_store


def test_a_question_is_answered_once_for_each_version_and_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def counted(store: Any, query: ImportanceQuery) -> ImportanceReply:
        asked.append(query.metric)
        return ImportanceReply(metric=query.metric, components=0, items=[])

    monkeypatch.setattr(importance, "importances", counted)
    monkeypatch.setattr(importances_module, "KEPT", 2)
    store = open_store()
    store.create_experiment(ExperimentCreate("e"))

    async def run() -> None:
        studio = Studio(threads=2)
        try:
            one, two, three = (ImportanceQuery(experiment="e", metric=name) for name in "abc")
            await asyncio.gather(*(studio.importances.ask(one) for _ in range(5)))
            assert asked == ["a"]
            await studio.importances.ask(two)
            await studio.importances.ask(three)
            await studio.importances.ask(one)
            assert asked == ["a", "b", "c", "a"], "the oldest answer made room"
            store.create_experiment(ExperimentCreate("f"))
            await studio.importances.ask(one)
            assert asked[-2:] == ["a", "a"]
        finally:
            studio.close()

    asyncio.run(run())
