"""The thread that tells pages of changes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import mlstudio
from mlstudio.widgets import show
from mlstudio.widgets.watch import Watcher


def _until(done: Callable[[], bool], seconds: float = 30.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end and not done():
        time.sleep(0.05)
    return done()


def test_a_page_hears_of_a_change_and_the_last_picture_follows_the_end() -> None:
    run = mlstudio.run("mnist")
    run.log(loss=1.0, step=0)
    run.flush()
    widget = show(run)
    told, settled = threading.Event(), threading.Event()
    widget.changed = told.set  # type: ignore[method-assign]
    watcher = Watcher()
    watcher.add(widget)
    watcher.settle(widget, settled.set)
    assert told.wait(30)
    assert not settled.is_set()
    run.finish()
    assert settled.wait(30)
    widget.close()


def test_the_thread_ends_with_the_last_widget() -> None:
    with mlstudio.run("mnist") as run:
        pass
    widget = show(run)
    watcher = Watcher()
    watcher.add(widget)
    thread = watcher._thread
    assert thread is not None
    widget.close()
    assert _until(lambda: not thread.is_alive())


def test_a_page_that_fails_does_not_end_the_others() -> None:
    run = mlstudio.run("mnist")
    run.flush()
    broken, whole = show(run), show(run)
    told = threading.Event()

    def fail() -> None:
        raise RuntimeError("the page went away")

    broken.changed = fail  # type: ignore[method-assign]
    whole.changed = told.set  # type: ignore[method-assign]
    watcher = Watcher()
    watcher.add(broken)
    watcher.add(whole)
    assert told.wait(30)
    run.finish()
    broken.close()
    whole.close()
