"""One thread for all widgets of a kernel: it sees that the store has changed and tells the pages.

Asking costs one indexed read (`Store.last_change`), twice a second, and only while a widget is
alive. A page is told at most twice a second.
"""

from __future__ import annotations

import contextvars
import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from mlstudio.entities.errors import StudioError
from mlstudio.store.home import Home, default_home, default_url

if TYPE_CHECKING:
    from mlstudio.widgets.display import StudioWidget

LOOK_SECONDS: Final = 0.5


@dataclass(eq=False)
class _Followed:
    widget: weakref.ref[StudioWidget]
    context: contextvars.Context
    """Carries the cell's message, to which what we send belongs."""
    home: Home
    url: str
    """Of the store that it shows, whatever the environment names later."""
    refresh: list[Callable[[], Any]] = field(default_factory=list)
    """Shows the still picture again, once nothing runs."""

    @property
    def lives(self) -> bool:
        """False when the widget was closed: ipywidgets keeps even those that nobody holds."""
        widget = self.widget()
        return widget is not None and widget.comm is not None


class Watcher:
    """Follows the store while there are widgets."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._followed: list[_Followed] = []
        self._thread: threading.Thread | None = None
        self._seen: dict[str, int] = {}

    def add(self, widget: StudioWidget) -> None:
        """Tell this widget's page of changes, as long as the widget lives."""
        home = default_home()
        with self._lock:
            self._followed.append(_Followed(weakref.ref(widget), contextvars.copy_context(), home, default_url(home)))
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._follow, name="mlstudio-widgets", daemon=True)
                self._thread.start()

    def settle(self, widget: StudioWidget, refresh: Callable[[], Any]) -> None:
        """Call `refresh` when nothing that the widget shows runs any more; not at all if nothing does now."""
        from mlstudio.widgets.still import runs_now

        if not runs_now(widget.kind, list(widget.names)):
            return
        with self._lock:
            for one in self._followed:
                if one.widget() is widget:
                    one.refresh.append(refresh)

    def _follow(self) -> None:
        pause = threading.Event()
        while not pause.wait(LOOK_SECONDS):
            with self._lock:
                self._followed = [one for one in self._followed if one.lives]
                followed = list(self._followed)
                if not followed:
                    self._thread = None
                    return
            self._look(followed)

    def _look(self, followed: list[_Followed]) -> None:
        from mlstudio.store import open_store

        for url, home in {one.url: one.home for one in followed}.items():
            try:
                newest = open_store(url, home=home).last_change()
            except StudioError:
                continue  # busy or away; the next look may find it
            if newest == self._seen.get(url, -1):
                continue
            self._seen[url] = newest
            for one in followed:
                widget = one.widget()
                if widget is not None and one.url == url:
                    one.context.run(_tell, one, widget)


def _tell(one: _Followed, widget: StudioWidget) -> None:
    from mlstudio.widgets.still import runs_now

    try:
        widget.changed()
        if not one.refresh:
            return
        if not runs_now(widget.kind, list(widget.names)):
            for refresh in one.refresh:
                refresh()
            one.refresh.clear()
    except Exception:  # noqa: S110 -- a page that went away must not end the thread of the others
        pass


watcher: Final = Watcher()
