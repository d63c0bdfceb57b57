"""torch: ``loss.backward()`` and ``optimizer.step()`` of a training loop that nobody conducts.

Records, a row a step, ``torch/loss`` (the sum of the scalars that `backward` was called on since the
step before: what the step descends) and ``torch/lr``; a second optimizer that is alive at the same
time writes ``torch/2/loss``. The names are our own: what the program logs itself stays apart.

Promise: no step waits for a device, and none reads a number. A step keeps detached tensors; every 64
steps, or after a fifth of a second, they are read together: from the CPU at once, from CUDA by a copy
that is looked at again when it has arrived.

Inside Lightning, the Hugging Face Trainer, Keras or any fit nothing is recorded here.

Reads: the module `torch`, once the program has imported it.
"""

from __future__ import annotations

import functools
import sys
import time
import weakref
from types import ModuleType
from typing import Any

from mlstudio.experiments.autolog.finder import ImportWatch
from mlstudio.experiments.autolog.hooks import Hook
from mlstudio.experiments.autolog.sessions import busy
from mlstudio.experiments.autolog.torch_rows import Rows


def install(torch: ModuleType, hook: Hook, watch: ImportWatch) -> None:
    """Put the hooks in, once `torch` is there."""
    del watch
    loop = Loop(torch, hook)
    hook.patch(torch.Tensor, "backward", loop.around_backward)
    scaler = getattr(getattr(torch, "amp", None), "GradScaler", None)
    if scaler is not None:
        hook.patch(scaler, "scale", loop.around_scale)
        hook.patch(scaler, "update", loop.around_update)
    optimizer = sys.modules["torch.optim.optimizer"]  # torch.optim hides it as an attribute
    handle = optimizer.register_optimizer_step_post_hook(loop.stepped)
    hook.undo_with(handle.remove)
    hook.undo_with(loop.close)


class Loop:
    """What goes on between one step and the next."""

    def __init__(self, torch: ModuleType, hook: Hook) -> None:
        self._hook = hook
        self._losses: list[Any] = []
        self._unscaled: tuple[weakref.ref[Any], Any] | None = None
        self._inside = False
        self._capturing = torch.cuda.is_current_stream_capturing
        self._rows = Rows(torch, hook)
        self.close = self._rows.close

    def around_backward(self, original: Any) -> Any:
        """Return `Tensor.backward`, keeping a detached copy of every scalar it is called on."""
        hook = self._hook

        @functools.wraps(original)
        def backward(tensor: Any, *args: Any, **kwargs: Any) -> Any:
            if self._inside or not hook.on:  # a subclass of Tensor calls this again by __torch_function__
                return original(tensor, *args, **kwargs)
            self._inside = True
            try:
                if tensor.numel() == 1 and not busy():
                    self._keep(tensor)
            except Exception as error:  # noqa: BLE001, RUF100 - never into user code
                hook.failed(error)
            try:
                return original(tensor, *args, **kwargs)
            finally:
                self._inside = False

        return backward

    def _keep(self, tensor: Any) -> None:
        if tensor.is_cuda and self._capturing():
            return  # a CUDA graph replays without us
        unscaled, self._unscaled = self._unscaled, None
        if unscaled is not None and unscaled[0]() is tensor:
            self._losses.append(unscaled[1])
        else:
            self._losses.append(tensor.detach())
        if len(self._losses) > 1000:  # a loop that never steps
            del self._losses[:-1]

    def around_scale(self, original: Any) -> Any:
        """Return `GradScaler.scale`, remembering what a loss was before it was scaled."""
        hook = self._hook

        @functools.wraps(original)
        def scale(scaler: Any, outputs: Any) -> Any:
            scaled = original(scaler, outputs)
            if hook.on and scaled is not outputs and hasattr(outputs, "detach"):
                self._unscaled = (weakref.ref(scaled), outputs.detach())
            return scaled

        return scale

    def around_update(self, original: Any) -> Any:
        """Return `GradScaler.update`, forgetting the losses of a step that was skipped."""

        @functools.wraps(original)
        def update(*args: Any, **kwargs: Any) -> Any:
            self._losses = []
            return original(*args, **kwargs)

        return update

    def stepped(self, optimizer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """A step is over: the hook that torch calls after it."""
        losses = self._losses
        if losses:
            self._losses = []
        if busy() or not self._hook.on:
            return
        try:
            if (args or kwargs) and len(losses) > 1:
                closure = args[0] if args else kwargs.get("closure")
                if closure is not None:  # LBFGS evaluates more than once: the first is where the step began
                    losses = losses[:1]
            self._rows.add(optimizer, time.time(), [group["lr"] for group in optimizer.param_groups], losses)
        except Exception as error:  # noqa: BLE001, RUF100 - never into user code
            self._hook.failed(error)
