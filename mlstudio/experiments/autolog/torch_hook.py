"""torch: ``loss.backward()`` and ``optimizer.step()`` of a training loop that nobody conducts.

Records ``torch/loss`` at each step (of quick ones a sample: `torch_pace`): the sum of the scalars that
`backward` was called on since the step before, which is what the step descends; and ``torch/lr`` where
it changes. A second optimizer that is alive at the same time writes ``torch/2/loss``. The names are our
own: what the program logs itself stays apart.

Promise: no step waits for a device. What is on one is kept as a detached tensor; every 256 steps, or
after a fifth of a second, those are read together, by a copy that is looked at again when it has
arrived.

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

from mlstudio.experiments.autolog.hooks import Hook
from mlstudio.experiments.autolog.sessions import busy
from mlstudio.experiments.autolog.torch_rows import Rows


def install(torch: ModuleType, hook: Hook) -> None:
    """Put the hooks in, once `torch` is there."""
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
    """What goes on between one step and the next. Its hooks are closures: they run at every step."""

    def __init__(self, torch: ModuleType, hook: Hook) -> None:
        self._hook = hook
        self._losses: list[Any] = []
        """Since the last step: numbers, or detached tensors."""
        self._unscaled: tuple[weakref.ref[Any], Any] | None = None
        self._capturing = torch.cuda.is_current_stream_capturing
        self._rows = rows = Rows(torch, hook)
        self.close = rows.close
        self.stepped = self._step_hook(rows)

    def around_backward(self, original: Any) -> Any:
        """Return `Tensor.backward`, keeping what every scalar is that it is called on."""
        hook, keep, pace = self._hook, self._keep, self._rows.pace
        inside = False

        @functools.wraps(original)
        def backward(tensor: Any, *args: Any, **kwargs: Any) -> Any:
            nonlocal inside
            if pace.left or inside or not hook.on:  # a subclass of Tensor calls this again by __torch_function__
                return original(tensor, *args, **kwargs)
            inside = True
            try:
                if tensor.numel() == 1 and not busy():
                    keep(tensor)
            except Exception as error:  # noqa: BLE001, RUF100 - never into user code
                hook.failed(error)
            try:
                return original(tensor, *args, **kwargs)
            finally:
                inside = False

        return backward

    def _keep(self, tensor: Any) -> None:
        if self._unscaled is not None:
            scaled, unscaled = self._unscaled
            self._unscaled = None
            if scaled() is tensor:
                tensor = unscaled
        if tensor.is_cpu:
            # A number on the CPU is there already. To keep its tensor instead would pin a few bytes above the
            # activations, and make the allocator fault their pages in again at every step.
            self._losses.append(tensor.item())
        elif not (tensor.is_cuda and self._capturing()):  # a CUDA graph replays without us
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
            self._losses.clear()
            return original(*args, **kwargs)

        return update

    def _step_hook(self, rows: Rows) -> Any:
        """Return what torch calls after each step."""
        hook, losses, add, now = self._hook, self._losses, rows.add, time.time
        pace, followers = rows.pace, rows.followers

        def stepped(optimizer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
            if pace.left:
                follower = followers.get(id(optimizer))
                if follower is not None and not follower.stale:
                    pace.left -= 1
                    follower.step += 1
                    return
            try:
                if busy() or not hook.on:
                    losses.clear()
                    return
                loss = None
                if losses:
                    # A closure (of LBFGS, say) is evaluated more than once: the first is where the step began.
                    # The optimizer itself is the first of `args`.
                    whole = len(losses) > 1 and len(args) == 1 and kwargs.get("closure") is None
                    loss = tuple(losses) if whole else losses[0]
                    losses.clear()
                groups = optimizer.param_groups
                rate = groups[0]["lr"] if len(groups) == 1 else [group["lr"] for group in groups]
                add(optimizer, now(), rate, loss)
            except Exception as error:  # noqa: BLE001, RUF100 - never into user code
                hook.failed(error)

        return stepped
