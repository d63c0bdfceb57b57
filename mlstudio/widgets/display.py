"""The widget: an ipywidget whose page is the panel's own table and charts.

Traits that the page and Python share (observe them, set them):

========== ============================================================================
selection  names of the trial components selected in the table
metrics    names of the metrics that are drawn; empty: the page chooses
x          "step", "time" or "relative"
smooth     0 (none) to below 1
zoom       [from, to] in units of x, None for all
height     pixels of each chart
========== ============================================================================

Promises: making one never raises because the store is away (the page shows the reason); a page
that asks nonsense gets an error, the kernel no traceback.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Final, Literal

import anywidget
import traitlets

from mlstudio.store import open_store
from mlstudio.widgets import still
from mlstudio.widgets.answers import answer, read_request
from mlstudio.widgets.watch import watcher

_STATIC: Final = Path(__file__).parent / "static"
_log = logging.getLogger("mlstudio.widgets")

Kind = Literal["experiment", "trial", "run", "compare"]


class StudioWidget(anywidget.AnyWidget):
    """A live view of one thing, or of some trial components side by side.

    Args:
        kind: what `names` are: one experiment, one trial, one run (a trial component), or the
            trial components of a comparison.
        names: their names.
        **traits: any of the traits above.
    """

    _esm: ClassVar[Path] = _STATIC / "widget.js"
    _css: ClassVar[Path] = _STATIC / "widget.css"

    kind = traitlets.Enum(["experiment", "trial", "run", "compare"], "experiment").tag(sync=True)
    names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    experiment = traitlets.Unicode().tag(sync=True)
    """The experiment that all of a comparison's components belong to, empty when there is no such one."""
    selection = traitlets.List(traitlets.Unicode()).tag(sync=True)
    metrics = traitlets.List(traitlets.Unicode()).tag(sync=True)
    x = traitlets.Enum(["step", "time", "relative"], "step").tag(sync=True)
    smooth = traitlets.Float(0.0, min=0.0, max=0.999).tag(sync=True)
    zoom = traitlets.List(traitlets.Float(), minlen=2, maxlen=2, allow_none=True, default_value=None).tag(sync=True)
    height = traitlets.Int(220, min=80, max=2000).tag(sync=True)

    def __init__(self, kind: Kind, names: Sequence[str], **traits: Any) -> None:
        if kind in {"run", "compare"}:
            traits.setdefault("experiment", still.home_of(names))
        super().__init__(kind=kind, names=list(names), **traits)
        self._answer_while_busy()
        self.on_msg(self._asked)
        watcher.add(self)

    def _answer_while_busy(self) -> None:
        """Let the page's requests be handled in the subshell that Lab sends them to, while a cell runs.

        ipykernel 7.4 hands a comm's messages to the shell that spoke last on it, which is the one that a
        training keeps busy; our answers need no order between shells.
        """
        if hasattr(self.comm, "_reply_subshell_for"):
            self.comm._reply_subshell_for = lambda _data, default: default  # noqa: SLF001, RUF100

    def _asked(self, _widget: Any, content: Any, _buffers: Any) -> None:
        """Answer the page."""
        try:
            number, method, path, body = read_request(content)
        except ValueError:
            _log.debug("a message of unknown form was ignored")
            return
        found = answer(open_store, method, path, body)
        self.send({"id": number, "status": found.status, "type": found.type}, buffers=[found.body])

    def changed(self) -> None:
        """Tell the page that the store has changed; called by the watcher's thread."""
        self.send({"changed": True})

    def __repr__(self) -> str:
        return f"StudioWidget({self.kind!r}, {list(self.names)!r})"

    def still(self) -> dict[str, str]:
        """Return what stands for the widget where no kernel answers: ``text/html`` and ``text/plain``."""
        return still.bundle(self.kind, list(self.names), list(self.metrics))

    def _bundle(self) -> dict[str, Any]:
        shown = super()._repr_mimebundle_()
        data = shown[0] if isinstance(shown, tuple) else (shown or {})
        return {**data, **self.still()}

    def _repr_mimebundle_(self, **_kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        return self._bundle(), {}

    def _ipython_display_(self) -> None:
        """Display, and leave the last picture behind when nothing in it runs any more."""
        from IPython.display import display

        handle = display(self._bundle(), raw=True, display_id=True)  # type: ignore[no-untyped-call]
        if handle is not None:
            watcher.settle(self, lambda: handle.update(self._bundle(), raw=True))
