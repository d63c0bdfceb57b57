"""``%experiments`` and ``%compare``: tables that keep themselves up to date.

The cell returns at once; a daemon thread renders the table again when the store has changed, until
nothing in it runs any more, ten minutes at most. Everything shown is escaped by `experiments.reprs`.
"""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_magic, magics_class
from IPython.display import DisplayHandle, display

from mlstudio.entities.errors import StudioError
from mlstudio.entities.experiments import ComponentRecord, ListRequest
from mlstudio.entities.names import is_name

if TYPE_CHECKING:
    from mlstudio.store.laws import Store

LIVE_SECONDS: Final = 600.0
LOOK_SECONDS: Final = 0.5
RUNNING: Final = frozenset({"InProgress", "Stopping"})


@dataclass(frozen=True, slots=True)
class Shown:
    """A table at one moment: HTML for notebooks, text for terminals."""

    html: str
    text: str
    running: bool = False
    """Whether it may still change by itself."""

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return self.text


Render = Callable[[], Shown]


class LiveTable:
    """Shows a table, and shows it again in the same place when the store has changed."""

    def __init__(self, render: Render, store: Store, *, seconds: float = LIVE_SECONDS) -> None:
        self._render, self._store, self._seconds = render, store, seconds
        self._done = threading.Event()

    def show(self, *, live: bool) -> None:
        """Display now; with `live` keep it up to date from a daemon thread."""
        seen = self._store.last_change()
        shown = self._render()
        handle: DisplayHandle | None = display(shown, display_id=True)  # type: ignore[no-untyped-call]
        if live and shown.running and handle is not None:
            # The context carries the cell's message, to which the updates belong.
            follow = contextvars.copy_context().run
            threading.Thread(target=follow, args=(self._follow, handle, shown, seen), daemon=True).start()
        else:
            self._done.set()

    def stop(self) -> None:
        """Leave the table as it is."""
        self._done.set()

    def _follow(self, handle: DisplayHandle, shown: Shown, seen: int) -> None:
        until = time.monotonic() + self._seconds
        while shown.running and time.monotonic() < until and not self._done.wait(LOOK_SECONDS):
            try:
                newest = self._store.last_change()
                if newest == seen:
                    continue
                seen, fresh = newest, self._render()
            except StudioError:
                continue  # the store is busy or away; the next look may find it
            if fresh != shown:
                shown = fresh
                handle.update(shown)  # type: ignore[no-untyped-call]
        self._done.set()


def experiments_table(store: Store, where: Any = None) -> Shown:
    """Return the experiments, newest first."""
    from mlstudio.experiments import reprs

    items = store.list_experiments(ListRequest(limit=50), where).items
    head = ("experiment", "trials", "components", "running")
    rows = [(item.display_name or item.name, item.trials, item.components, item.running) for item in items]
    if not rows:
        empty = 'No experiments yet. mlstudio.run("mnist", lr=0.1) makes one.'
        return Shown(reprs.table((empty,), ()), empty)
    return Shown(reprs.table(head, rows), _text(head, rows), any(item.running for item in items))


def components_table(components: list[ComponentRecord], caption: str) -> Shown:
    """Return trial components with their parameters and last metrics."""
    from mlstudio.experiments import reprs

    rows = [(item.display_name or item.name, item.status or "not started") for item in components]
    running = any(item.status in RUNNING for item in components)
    return Shown(reprs.component_table(components, caption), _text(("trial component", "status"), rows), running)


def _text(head: tuple[str, ...], rows: list[Any]) -> str:
    lines = [head, *([str(value) for value in row] for row in rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(head))]
    return "\n".join("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) for line in lines)


@magics_class
class TableMagics(Magics):
    """The tables of a notebook; a new one takes over the live place of the last."""

    def __init__(self, shell: Any) -> None:
        super().__init__(shell)
        self._live: LiveTable | None = None

    @line_magic
    def experiments(self, line: str) -> None:
        """Show experiments, or the trial components of one, or those that a query finds; live.

        ``%experiments`` · ``%experiments digits`` · ``%experiments metrics.loss.last < 0.3 order by params.lr``
        """
        from mlstudio.store import open_store

        if self._live is not None:
            self._live.stop()
        try:
            store = open_store()
            self._live = LiveTable(self._render(store, line.strip()), store)
            self._live.show(live=hasattr(self.shell, "kernel"))
        except StudioError as error:
            raise UsageError(str(error)) from None

    @staticmethod
    def _render(store: Store, line: str) -> Render:
        from mlstudio.entities.errors import NotFound
        from mlstudio.experiments.search import parse

        if not line:
            return lambda: experiments_table(store)
        if is_name(line):
            try:
                store.get_experiment(line)
            except NotFound:
                pass
            else:
                return lambda: components_table(store.search_components(parse(""), experiment=line), line)
        query = parse(line)
        return lambda: components_table(store.search_components(query), line)

    @line_magic
    def compare(self, line: str) -> Any:
        """Set the components of a query side by side, only what differs.

        ``%compare experiment = "digits" order by metrics.test:accuracy.max desc limit 3``
        """
        from mlstudio.experiments.comparison import compare

        try:
            return compare(line)
        except StudioError as error:
            raise UsageError(str(error)) from None
