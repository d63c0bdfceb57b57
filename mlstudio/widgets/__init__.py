"""Widgets: a run, a trial, an experiment, a comparison, live in a notebook cell.

    mlstudio.show("mnist")                     # an experiment, by name
    widget = mlstudio.show(run)                # or a run, a trial, a DataFrame of compare(…)
    ipywidgets.HBox([widget, my_controls])     # composes like any ipywidget
    widget.selection                           # names selected in the table; observe it

The front end is the panel's own table and charts in one ES module (``static/widget.js``, made from
``src/widgets``). It asks this kernel instead of a server: a request travels as a comm message,
`answers` reads the store, the bytes travel back. A thread tells the page when the store has changed.

In an exported notebook, where no kernel answers, the HTML of `still` stands in its place.

Imports: `experiments`, `store`, `entities`; anywidget when the first widget is made.
Knows nothing of: the server, Lab.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlstudio.widgets.display import StudioWidget as StudioWidget
    from mlstudio.widgets.showing import show as show

_HOMES = {"StudioWidget": "display", "show": "showing"}
__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        value = getattr(import_module(f"mlstudio.widgets.{_HOMES[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'mlstudio.widgets' has no attribute {name!r}")
