"""The agent's door: a Unix socket that only its user may open, newline JSON, a version handshake.

The first line of a client is ``{"op": "hello", "v": 1}``. Requests are answered in order; a
client that watches a job also gets events. A path that does not fit into a socket address (108
bytes) is replaced by one in a private temporary folder, which ``<home>/agent/socket.path`` names.

Reads: nothing of a job. Imports: the standard library.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import struct
import tempfile
from pathlib import Path
from typing import Any, Final

PROTOCOL: Final = 1
MAX_LINE: Final = 1 << 20
_MAX_PATH: Final = 100
_MAX_UNSENT: Final = 4 << 20


def socket_path(folder: Path) -> Path:
    """Return where the agent of this agent folder listens, or would listen."""
    with contextlib.suppress(OSError):
        return Path((folder / "socket.path").read_text())
    return folder / "socket"


def peer_uid(connection: socket.socket) -> int:
    """Return the user id of the process at the other end, as the kernel knows it."""
    packed = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return int(struct.unpack("3i", packed)[1])


def listen(folder: Path) -> socket.socket:
    """Listen below `folder` (mode 0700); a stale socket is removed: the caller holds the agent's lock.

    Raises:
        OSError: the folder is not ours or cannot be written.
    """
    path = folder / "socket"
    if len(os.fsencode(path)) > _MAX_PATH:
        recorded = socket_path(folder)
        private = recorded.parent if recorded != path and recorded.parent.is_dir() else None
        if private is None or private.stat().st_uid != os.getuid():
            private = Path(tempfile.mkdtemp(prefix="mlstudio-"))  # mode 0700
        path = private / "socket"
        (folder / "socket.path").write_text(str(path))
    path.unlink(missing_ok=True)
    door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    before = os.umask(0o177)
    try:
        door.bind(str(path))
    finally:
        os.umask(before)
    door.listen(64)
    door.setblocking(False)
    return door


class Client:
    """One connection seen from the agent: lines in, lines out, neither ever blocks.

    Args:
        connection: just accepted.
    """

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        self._connection = connection
        self._in = b""
        self._out = b""
        self.greeted = False
        self.watching: dict[str, int] = {}
        """Job name → log bytes that this client was told of."""
        self.told: dict[str, dict[str, Any]] = {}
        """Job name → state that this client was told of."""

    def fileno(self) -> int:
        """The descriptor, for a selector."""
        return self._connection.fileno()

    @property
    def behind(self) -> bool:
        """Whether bytes wait to be sent."""
        return bool(self._out)

    def receive(self) -> list[dict[str, Any]] | None:
        """Return the whole requests that have arrived; None when the client is gone or talks nonsense."""
        try:
            data = self._connection.recv(1 << 16)
        except BlockingIOError:
            return []
        except OSError:
            return None
        if not data:
            return None
        *lines, self._in = (self._in + data).split(b"\n")
        if len(self._in) > MAX_LINE:
            return None
        try:
            found = [json.loads(line) for line in lines]
        except (ValueError, RecursionError):
            return None
        return found if all(isinstance(one, dict) for one in found) else None

    def send(self, message: dict[str, Any]) -> None:
        """Queue a message; a client that does not read is dropped at 4 MiB (its next read finds the end)."""
        self._out += json.dumps(message, separators=(",", ":")).encode() + b"\n"
        self.flush()
        if len(self._out) > _MAX_UNSENT:
            self.close()

    def flush(self) -> None:
        """Send what the socket takes now."""
        try:
            sent = self._connection.send(self._out) if self._out else 0
        except BlockingIOError:
            return
        except OSError:
            self._out = b""
            return
        self._out = self._out[sent:]

    def close(self) -> None:
        """End the conversation; the descriptor stays open until `hang_up`, so that its number stays ours."""
        self._out = b""
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)

    def hang_up(self) -> None:
        """Give the descriptor back."""
        self._connection.close()


def accept(door: socket.socket) -> Client | None:
    """Accept one connection; None when there is none, or when another user knocks."""
    try:
        connection, _ = door.accept()
    except OSError:
        return None
    if peer_uid(connection) != os.getuid():
        connection.close()
        return None
    return Client(connection)
