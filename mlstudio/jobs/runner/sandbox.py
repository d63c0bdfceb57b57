"""``/opt/ml`` without a container: a private mount namespace made between fork and exec.

The job sees its own folder at ``/opt/ml`` and its channels read-only below it; the host sees
nothing of it. Where namespaces are not allowed the job runs in mode ``env``: the same tree at its
real path, named by ``SAGEMAKER_BASE_DIR`` and the SM_* variables, channels as links.

Called in the supervisor's child, which has one thread (``unshare(CLONE_NEWUSER)`` fails with
EINVAL otherwise). Imports: the standard library only.
"""

from __future__ import annotations

import ctypes
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal

Mode = Literal["namespace", "env"]
BASE: Final = "/opt/ml"

_CLONE_NEWNS: Final = 0x00020000
_CLONE_NEWUSER: Final = 0x10000000
_MS_RDONLY: Final = 1
_MS_REMOUNT: Final = 32
_MS_BIND: Final = 4096
_MS_REC: Final = 16384
_MS_PRIVATE: Final = 1 << 18
_KEPT_FLAGS: Final = 2 | 4 | 8 | 1024 | 2048  # nosuid, nodev, noexec, noatime, nodiratime: locked in a user namespace

_libc = ctypes.CDLL(None, use_errno=True)


def _call(name: str, *arguments: object) -> None:
    if getattr(_libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def _mount(source: str | None, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    encoded = [None if text is None else os.fsencode(text) for text in (source, target, kind)]
    _call("mount", *encoded, ctypes.c_ulong(flags), None if data is None else data.encode())


def _own_namespace() -> None:
    if os.geteuid() == 0:
        try:
            _call("unshare", _CLONE_NEWNS)
        except PermissionError:  # root of a container without CAP_SYS_ADMIN
            pass
        else:
            return
    uid, gid = os.geteuid(), os.getegid()
    _call("unshare", _CLONE_NEWUSER | _CLONE_NEWNS)
    Path("/proc/self/setgroups").write_text("deny")  # before gid_map, or the kernel refuses it
    Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")


def _make_room() -> None:
    """Make ``/opt/ml`` a folder: cover ``/opt`` with a small tmpfs that shows its old children again."""
    if stat.S_ISDIR(_mode_of(BASE)):
        return
    if not stat.S_ISDIR(_mode_of("/opt")):
        raise FileNotFoundError("/opt is missing: a folder for it would stay on the host")
    kept: list[tuple[str, int, int]] = []
    for name in sorted(child.name for child in Path("/opt").iterdir()):
        if name != "ml":
            handle = os.open(f"/opt/{name}", os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
            kept.append((name, handle, os.fstat(handle).st_mode))
    _mount("tmpfs", "/opt", "tmpfs", 0, "size=1m,mode=755")
    for name, handle, mode in kept:
        path = Path("/opt", name)
        if stat.S_ISLNK(mode):
            path.symlink_to(os.readlink("", dir_fd=handle))
        else:
            if stat.S_ISDIR(mode):
                path.mkdir()
            else:
                path.touch()
            _mount(f"/proc/self/fd/{handle}", str(path), None, _MS_BIND | _MS_REC)
        os.close(handle)
    Path(BASE).mkdir()


def _mode_of(path: str) -> int:
    try:
        return os.lstat(path).st_mode
    except OSError:
        return 0


def _bind_read_only(source: Path, target: Path) -> None:
    _mount(str(source), str(target), None, _MS_BIND)
    flags = os.statvfs(target).f_flag & _KEPT_FLAGS
    _mount(None, str(target), None, _MS_REMOUNT | _MS_BIND | _MS_RDONLY | flags)


def enter(base: Path, channels: dict[str, Path], binds: Sequence[tuple[str, Path]] = ()) -> None:
    """Give the calling process its own view: `base` at ``/opt/ml``, channels and binds read-only in it.

    Args:
        base: the job's folder on the host, with ``input/data`` in it.
        channels: name → existing folder or file. A file appears inside the channel's folder.
        binds: folder relative to `base` → existing folder or file, likewise.

    Raises:
        OSError: namespaces or mounts are not allowed here; the caller then uses `link_channels`.
    """
    _own_namespace()
    _mount(None, "/", None, _MS_REC | _MS_PRIVATE)  # nothing leaks back to the host
    for place, source in _places(channels, binds):
        target = base / place
        if source.is_file():
            target = target / source.name
            target.touch()
        _bind_read_only(source, target)
    _make_room()
    _mount(str(base), BASE, None, _MS_BIND | _MS_REC)


def _places(channels: dict[str, Path], binds: Sequence[tuple[str, Path]]) -> list[tuple[str, Path]]:
    """Return folders relative to the base with what they show, outer ones first."""
    return sorted([*((f"input/data/{name}", source) for name, source in channels.items()), *binds])


def link_channels(base: Path, channels: dict[str, Path], binds: Sequence[tuple[str, Path]] = ()) -> None:
    """Show channels and binds as links, where they cannot be bound."""
    for place, source in _places(channels, binds):
        target = base / place
        if source.is_file():
            (target / source.name).unlink(missing_ok=True)
            (target / source.name).symlink_to(source)
        elif not target.is_symlink():
            target.rmdir()
            target.symlink_to(source, target_is_directory=True)


def probe(folder: Path) -> Mode:
    """Try `enter` in a throw-away child and return the mode that works here.

    Args:
        folder: an existing, private folder; nothing is left in it.
    """
    (folder / "input" / "data").mkdir(parents=True, exist_ok=True)
    child = os.fork()
    if child == 0:
        try:
            enter(folder, {})
            os._exit(0 if Path(BASE, "input", "data").is_dir() else 1)
        except BaseException:
            os._exit(1)
    status = os.waitpid(child, 0)[1]
    for one in ("input/data", "input"):
        (folder / one).rmdir()
    return "namespace" if status == 0 else "env"


def rebase(text: str, base: str) -> str:
    """Return `text` with each ``/opt/ml`` that stands as a path, or as its beginning, replaced by `base`.

    >>> rebase("/opt/ml/model:/opt/mlx", "/tmp/j")
    '/tmp/j/model:/opt/mlx'
    """
    parts = text.split(BASE)
    done = parts[0]
    for part in parts[1:]:
        ends = not part or not (part[0].isalnum() or part[0] in "_-.")
        begins = not done or not (done[-1].isalnum() or done[-1] in "_-./")
        done += (base if ends and begins else BASE) + part
    return done
