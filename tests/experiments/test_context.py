"""Which run is the current one, over threads and tasks."""

from __future__ import annotations

import asyncio
import gc
import threading

import mlstudio
from mlstudio.experiments import context


def test_tasks_nest_each_for_itself() -> None:
    async def work(name: str) -> tuple[str | None, str | None]:
        with mlstudio.run("e", name, capture=False) as run:
            await asyncio.sleep(0.01)
            current = mlstudio.current_run()
            assert current is run
            return run.component_name, run.trial_component.trial_component_name

    async def all_of_them() -> None:
        with mlstudio.run("e", "outer", capture=False) as outer:
            await asyncio.gather(*(work(f"t{number}") for number in range(4)))
            assert mlstudio.current_run() is outer

    asyncio.run(all_of_them())
    parents = {one.run_name: one for one in mlstudio.list_runs("e")}
    from mlstudio.store import open_store

    store = open_store()
    outer_name = parents["outer"].component_name
    assert [store.get_component(parents[f"t{number}"].component_name).parent for number in range(4)] == [outer_name] * 4


def test_a_thread_is_not_enclosed_but_finds_the_run() -> None:
    found = []
    with mlstudio.run("e", capture=False) as run:
        thread = threading.Thread(target=lambda: found.extend([context.enclosing_run(), mlstudio.current_run()]))
        thread.start()
        thread.join()
    assert found == [None, run]


def test_a_run_that_nobody_holds_is_not_current() -> None:
    mlstudio.run("e", capture=False).finish()
    assert mlstudio.current_run() is None
    run = mlstudio.run("e", capture=False)
    assert mlstudio.current_run() is run
    run.finish()
    del run
    gc.collect()
    assert mlstudio.current_run() is None


def test_leaving_what_was_never_entered_is_fine() -> None:
    run = mlstudio.run("e", capture=False)
    context.leave(run)
    context.ended(run)
    context.ended(run)
    run.finish()
