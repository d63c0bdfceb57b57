"""torch: ``loss.backward()`` and ``optimizer.step()`` of a training loop that nobody conducts.

Records ``torch/loss`` at each step (of quick ones a sample: `torch_pace`): the sum of the scalars that
`backward` was called on since the step before, which is what the step descends; and ``torch/lr`` where
it changes. A second optimizer that is alive at the same time writes ``torch/2/loss``. The names are our
own: what the program logs itself stays apart.

Promise: no step waits for a device. What is on one is kept as a detached tensor; every 256 steps, or
after a fifth of a second, those are read together, by a copy that is looked at again when it has
arrived.

What runs at every step meets cold caches: each object that it touches costs more than what it does
with it. So the usual case (a plain loss of one number on the CPU, an optimizer that is known) is
written out here, and looks at little; everything else is beside it.

Inside Lightning, the Hugging Face Trainer, Keras or any fit nothing is recorded here.

Reads: the module `torch`, once the program has imported it.
"""

from __future__ import annotations

import functools
import inspect
import sys
import time
import weakref
from collections.abc import Callable
from types import ModuleType
from typing import Any, Final

from mlstudio.experiments.autolog.hooks import Hook
from mlstudio.experiments.autolog.sessions import busy, going
from mlstudio.experiments.autolog.torch_followers import NOBODY
from mlstudio.experiments.autolog.torch_rows import Rows

_BACKWARD: Final = ("self", "gradient", "retain_graph", "create_graph", "inputs")
MOST: Final = 1000
"""Losses that are kept of a loop that never steps."""


def install(torch: ModuleType, hook: Hook) -> None:
    """Put the hooks in, once `torch` is there."""
    loop = Loop(torch, hook)
    hook.patch(torch.Tensor, "backward", loop.around_backward)
    scaler = getattr(getattr(torch, "amp", None), "GradScaler", None)
    if scaler is not None:
        hook.patch(scaler, "scale", loop.around_scale)
        hook.patch(scaler, "update", loop.around_update)
    optimizer = sys.modules["torch.optim.optimizer"]  # torch.optim hides it as an attribute
    handle = optimizer.register_optimizer_step_post_hook(loop.step_hook())
    hook.undo_with(handle.remove)
    hook.undo_with(loop.close)


class Loop:
    """What goes on between one step and the next. Its hooks are closures: they run at every step."""

    def __init__(self, torch: ModuleType, hook: Hook) -> None:
        self._hook = hook
        self._plain = torch.Tensor
        self._inside = False
        self._capturing = torch.cuda.is_current_stream_capturing
        self.rows = Rows(torch, hook)
        self._pace = self.rows.pace

    def close(self) -> None:
        """Write all that is held; hooks that somebody wrapped, and so stay, record nothing."""
        self._pace.off()
        self.rows.close()

    def around_backward(self, original: Any) -> Any:
        """Return `Tensor.backward`, keeping what every scalar is that it is called on."""
        hook, keep, pace, plain, call = self._hook, self._keep, self._pace, self._plain, _called(original)

        @functools.wraps(original)
        def backward(
            tensor: Any, gradient: Any = None, retain_graph: Any = None, create_graph: Any = False, inputs: Any = None
        ) -> Any:
            if pace.left:
                return call(tensor, gradient, retain_graph, create_graph, inputs)
            try:
                usual = type(tensor) is plain and pace.loss is None and pace.unscaled is None and gradient is None
                if usual and tensor.is_cpu and not going and not tensor.dim():
                    # A number on the CPU is there already. To keep its tensor instead would pin a few bytes above
                    # the activations, and make the allocator fault their pages in again at every step.
                    pace.loss = tensor.tolist()  # as item(), and cheaper
                else:
                    usual = False
            except Exception as error:  # noqa: BLE001, RUF100 - never into user code
                usual = True
                hook.failed(error)
            if usual:
                return call(tensor, gradient, retain_graph, create_graph, inputs)
            return keep(call, tensor, gradient, retain_graph, create_graph, inputs)

        return backward

    def _keep(self, call: Callable[..., Any], tensor: Any, *args: Any) -> Any:
        """Keep any other scalar, and call `backward`: a subclass of Tensor calls it again by __torch_function__."""
        if self._inside or not self._hook.on:
            return call(tensor, *args)
        self._inside = True
        try:
            self._hook.attempt(self._kept, tensor)
            return call(tensor, *args)
        finally:
            self._inside = False

    def _kept(self, tensor: Any) -> None:
        if tensor.numel() != 1 or busy():
            return
        pace = self._pace
        if pace.unscaled is not None:
            scaled, unscaled = pace.unscaled
            pace.unscaled = None
            if scaled() is tensor:
                tensor = unscaled
        if tensor.is_cpu:
            value = tensor.item()
        elif tensor.is_cuda and self._capturing():  # a CUDA graph replays without us
            return
        else:
            value = tensor.detach()
            self.rows.look_at_each()
        if pace.loss is None:
            pace.loss = value
        else:
            pace.more = [*(pace.more or ())[-MOST:], value]

    def around_scale(self, original: Any) -> Any:
        """Return `GradScaler.scale`, remembering what a loss was before it was scaled."""
        hook, remember = self._hook, self._scaled

        @functools.wraps(original)
        def scale(*args: Any, **kwargs: Any) -> Any:
            scaled = original(*args, **kwargs)
            if hook.on:
                hook.attempt(remember, scaled, args, kwargs)
            return scaled

        return scale

    def _scaled(self, scaled: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        outputs: Any = args[1] if len(args) > 1 else kwargs.get("outputs")
        if scaled is not outputs and hasattr(outputs, "detach"):
            self._pace.unscaled = (weakref.ref(scaled), outputs.detach())

    def around_update(self, original: Any) -> Any:
        """Return `GradScaler.update`, forgetting the losses of a step that was skipped."""
        hook, forget = self._hook, self._pace.forget

        @functools.wraps(original)
        def update(*args: Any, **kwargs: Any) -> Any:
            hook.attempt(forget)
            return original(*args, **kwargs)

        return update

    def step_hook(self) -> Callable[[Any, tuple[Any, ...], dict[str, Any]], None]:
        """Return what torch calls after each step."""
        hook, now, pace, other, turn = self._hook, time.time, self._pace, self._stepped, self.rows.turn
        followers, held = self.rows.followers, self.rows.held

        def stepped(optimizer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
            try:
                if pace.key == id(optimizer):
                    follower = pace.follower
                else:
                    follower = followers.get(id(optimizer), NOBODY)
                    pace.follower, pace.key = follower, id(optimizer)
                if not follower.quick or going or pace.more is not None:
                    other(optimizer, args, kwargs)
                    return
                step = follower.step
                follower.step = step + 1
                if pace.left:
                    pace.left -= 1
                    return
                groups = optimizer.param_groups
                rate = groups[0]["lr"] if len(groups) == 1 else [group["lr"] for group in groups]
                held.append((follower, now(), rate, pace.loss, step))
                pace.loss = None
                if step >= follower.watch:
                    turn(follower)
            except Exception as error:  # noqa: BLE001, RUF100 - never into user code
                hook.failed(error)

        return stepped

    def _stepped(self, optimizer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Record any other step: an optimizer's first one, one of several losses, one inside a fit."""
        pace = self._pace
        loss, more = pace.loss, pace.more
        pace.forget()
        pace.key = 0
        if busy() or not self._hook.on:
            return
        if pace.left and self.rows.passed(optimizer):
            pace.left -= 1
            return
        if more is not None and len(args) == 1 and kwargs.get("closure") is None:
            # A closure (of LBFGS, say) is evaluated more than once: the first is where the step began.
            # The optimizer itself is the first of `args`.
            loss = (loss, *more)
        groups = optimizer.param_groups
        rate = groups[0]["lr"] if len(groups) == 1 else [group["lr"] for group in groups]
        self.rows.add(optimizer, time.time(), rate, loss)


def _called(original: Any) -> Any:
    """Return `original`, to be called with five arguments by place; somebody's own `backward` may take fewer."""
    try:
        if tuple(inspect.signature(original).parameters) == _BACKWARD:
            return original
    except (TypeError, ValueError):
        pass

    def call(tensor: Any, gradient: Any, retain_graph: Any, create_graph: Any, inputs: Any) -> Any:
        given = zip(
            _BACKWARD[1:], (gradient, retain_graph, create_graph, inputs), (None, None, False, None), strict=True
        )
        return original(tensor, **{name: value for name, value, usual in given if value is not usual})

    return call
