"""`SummaryWriter` of torch and of tensorboardX: what a program writes for TensorBoard, written here too.

Scalars with their step and time, hyper-parameters, texts; images, histograms, figures and audio where
the run can keep them. The event files are written as before. What the Hugging Face Trainer or
Lightning write through a `SummaryWriter` of theirs is recorded by their own hooks, not again here.

Reads: the modules of the writers, once the program has imported them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from mlstudio.experiments import context
from mlstudio.experiments.autolog.hooks import Hook, around
from mlstudio.experiments.autolog.sessions import current, implicit, surrounding

if TYPE_CHECKING:
    from mlstudio.experiments.runs import Run

_CONDUCTED: Final = ("lightning", "transformers")
_hook: Hook | None = None
_own: Run | None = None


def install(module: ModuleType, hook: Hook) -> None:
    """Put the hooks in, once the module of a `SummaryWriter` is there."""
    global _hook
    _hook = hook
    for name, record in _RECORDS.items():
        if hasattr(module.SummaryWriter, name):
            hook.patch(module.SummaryWriter, name, partial(around, handler=record))
    hook.undo_with(_close_own)


def _tee(write: Callable[[Run, Mapping[str, Any]], None]) -> Callable[..., Any]:
    """Return a handler that calls the writer's own method, then `write` with the run and the arguments."""

    def handler(original: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        result = original(*args, **kwargs)
        hook = _hook
        if hook is not None and hook.on:
            hook.attempt(_tell, write, original, args, kwargs)
        return result

    return handler


def _tell(
    write: Callable[[Run, Mapping[str, Any]], None], original: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    session = current()
    if session is not None and session.hook.library in _CONDUCTED:
        return
    run = session.run if session is not None and session.run is not None else _target()
    if run is not None:
        write(run, inspect.signature(original).bind(*args, **kwargs).arguments)


def _target() -> Run | None:
    """Return where to write outside of a training: the run that is open, else one of our own."""
    from mlstudio.experiments.context import current_run

    found = surrounding() or current_run()
    if found is None and context.rank() == 0:
        found = implicit("tensorboard", "tensorboard")
        global _own
        _own = found
    return found


def _close_own() -> None:
    global _own
    own, _own = _own, None
    if own is not None:
        own.finish()


def _scalar(run: Run, said: Mapping[str, Any]) -> None:
    run.log({said["tag"]: said["scalar_value"]}, step=said.get("global_step"), timestamp=said.get("walltime"))


def _scalars(run: Run, said: Mapping[str, Any]) -> None:
    values = {f"{said['main_tag']}/{name}": value for name, value in said["tag_scalar_dict"].items()}
    run.log(values, step=said.get("global_step"), timestamp=said.get("walltime"))


def _hparams(run: Run, said: Mapping[str, Any]) -> None:
    from mlstudio.experiments.autolog.described import parameters

    run.log_parameters(parameters(said["hparam_dict"]))  # its metrics come by add_scalar


def _text(run: Run, said: Mapping[str, Any]) -> None:
    run.text(said["tag"], str(said["text_string"]), step=said.get("global_step"))


def _image(run: Run, said: Mapping[str, Any]) -> None:
    image = _array(said["img_tensor"])
    layout = str(said.get("dataformats", "CHW"))
    if sorted(layout) == ["C", "H", "W"]:
        image = image.transpose([layout.index(axis) for axis in "HWC"])
    run.image(said["tag"], image, step=said.get("global_step"))


def _histogram(run: Run, said: Mapping[str, Any]) -> None:
    run.histogram(said["tag"], _array(said["values"]), step=said.get("global_step"))


def _figure(run: Run, said: Mapping[str, Any]) -> None:
    if not isinstance(said["figure"], (list, tuple)):
        run.figure(said["tag"], said["figure"], step=said.get("global_step"))


def _array(value: Any) -> Any:
    import numpy as np

    if hasattr(value, "detach"):
        value = value.detach().cpu().numpy()
    return np.asarray(value)


_RECORDS: Final[dict[str, Callable[..., Any]]] = {
    "add_scalar": _tee(_scalar),
    "add_scalars": _tee(_scalars),
    "add_hparams": _tee(_hparams),
    "add_text": _tee(_text),
    "add_image": _tee(_image),
    "add_histogram": _tee(_histogram),
    "add_figure": _tee(_figure),
}
