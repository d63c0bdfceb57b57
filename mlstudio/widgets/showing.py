"""From the thing a person has in hand to its widget, and how a notebook learns to display it so.

`install` is called once, when a name of mlstudio is first used inside a kernel: from then on a
`Run`, a `Trial`, an `Experiment` and the result of `mlstudio.compare` display as widgets. Outside
a kernel, and where anywidget is missing, they keep their plain reprs.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from mlstudio.entities.errors import InvalidField, NotFound

if TYPE_CHECKING:
    from mlstudio.widgets.display import Kind, StudioWidget

_log = logging.getLogger("mlstudio.widgets")
DISPLAYED: Final = (
    ("mlstudio.experiments.runs", "Run"),
    ("mlstudio.experiments.trial", "Trial"),
    ("mlstudio.experiments.experiment", "Experiment"),
    ("mlstudio.experiments.comparison_frame", "Comparison"),
)


def show(thing: object, **traits: Any) -> StudioWidget:
    """Return a live widget; the last expression of a cell displays it.

    Args:
        thing: an `Experiment`, a `Trial`, a `Run` or a tracker; the result of `mlstudio.compare`; a list of
            runs or of their names; or the name of an experiment, a trial or a trial component.
        **traits: ``metrics=["loss"]``, ``x="time"``, ``smooth=0.6``, ``height=300``, ``selection=[…]``.

    Raises:
        NotFound: nothing has that name.
        InvalidField: it is none of these.

    >>> import mlstudio
    >>> with mlstudio.run("mnist", lr=0.1) as run:
    ...     run.log(loss=0.3, step=1)
    >>> mlstudio.show("mnist").names
    ['mnist']
    """
    from mlstudio.widgets.display import StudioWidget

    kind, names = of(thing)
    return StudioWidget(kind, names, **traits)


def of(thing: object) -> tuple[Kind, list[str]]:
    """Return what a thing is and its names; see `show`."""
    if isinstance(thing, str):
        return _named(thing), [thing]
    component = getattr(thing, "component_name", None) or getattr(thing, "trial_component_name", None)
    if isinstance(component, str):
        return "run", [component]
    for kind in ("trial", "experiment"):
        name = getattr(thing, f"{kind}_name", None)
        if isinstance(name, str):
            return ("trial" if kind == "trial" else "experiment"), [name]
    index = getattr(thing, "index", None)
    if getattr(index, "name", None) == "component":
        return "compare", [str(one) for one in index]  # type: ignore[union-attr]
    if isinstance(thing, Iterable):
        return "compare", [of(one)[1][0] for one in thing]
    raise InvalidField(
        f"A {type(thing).__name__} cannot be shown.",
        field="thing",
        hint="Give an experiment, a trial, a run, a list of runs, or a name.",
    )


def _named(name: str) -> Kind:
    from mlstudio.store import open_store

    store = open_store()
    if store.get_components([name]):
        return "run"
    try:
        store.get_experiment(name)
    except NotFound:
        try:
            store.get_trial(name)
        except NotFound:
            raise NotFound(
                f'There is no experiment, trial or trial component "{name[:120]}".',
                field="thing",
                hint="%experiments lists what there is.",
            ) from None
        return "trial"
    return "experiment"


def install() -> None:
    """Let this kernel display our things as widgets; does nothing outside a kernel."""
    if "ipykernel" not in sys.modules:
        return
    from IPython.core.getipython import get_ipython

    shell: Any = get_ipython()
    if shell is None or not hasattr(shell, "kernel"):
        return
    for module, name in DISPLAYED:
        shell.display_formatter.ipython_display_formatter.for_type_by_name(module, name, _display)


def _display(thing: object) -> None:
    """Display as a widget; as a plain repr when that cannot be."""
    from IPython.display import display

    try:
        widget = show(thing)
    except Exception as error:  # a display must never fail a cell
        _log.debug("no widget: %s", error)
        render = getattr(thing, "_repr_html_", None)
        data = {"text/plain": repr(thing), **({"text/html": render()} if callable(render) else {})}
        display(data, raw=True)  # type: ignore[no-untyped-call]
        return
    widget._ipython_display_()  # IPython's protocol
