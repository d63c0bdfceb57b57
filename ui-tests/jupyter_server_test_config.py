"""The server of the browser tests: no token, no XSRF, an own home, an own port. Never test security on it."""

from __future__ import annotations

import os

from jupyterlab.galata import configure_jupyter_server

configure_jupyter_server(c)  # noqa: F821  # type: ignore[name-defined]

c.ServerApp.ip = "127.0.0.1"  # noqa: F821  # type: ignore[name-defined]
c.ServerApp.port = int(os.environ["MLSTUDIO_UI_PORT"])  # noqa: F821  # type: ignore[name-defined]
c.ServerApp.port_retries = 0  # noqa: F821  # type: ignore[name-defined]
c.ServerApp.open_browser = False  # noqa: F821  # type: ignore[name-defined]
c.ServerApp.allow_root = True  # noqa: F821  # type: ignore[name-defined]
c.ServerApp.jpserver_extensions = {"jupyterlab": True, "mlstudio": True}  # noqa: F821  # type: ignore[name-defined]
