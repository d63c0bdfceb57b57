"""Files that runs produce, kept by their content.

    <root>/<first two of sha256>/<sha256>        one file per content, whoever logged it

A blob's place is derived from its hash and from nothing that anybody sent. It is copied to a
temporary name beside it while the hash is taken, synced, and renamed: what has a name is whole.
Folders are kept as a manifest (JSON) of blobs. Symbolic links are listed, not followed; FIFOs,
sockets and devices are passed over with a notice (opening a FIFO would hang).

The root is a local folder, or any fsspec URL where `fsspec` is installed.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import logging
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, BinaryIO, Final

import msgspec

from mlstudio.entities.errors import InvalidField, NotFound, StoreUnreachable, StudioError
from mlstudio.store.journal_file import explain

LOG: Final = logging.getLogger("mlstudio")
CHUNK: Final = 1 << 20
MANIFEST_TYPE: Final = "application/vnd.mlstudio.folder+json"
_HEX: Final = frozenset("0123456789abcdef")


class Blob(msgspec.Struct, frozen=True):
    """A content that is stored: its hash and its size in bytes."""

    sha256: str
    size: int


class StoredBlob(msgspec.Struct, frozen=True):
    """A content as it lies in a root; `modified` is when it was last stored, seconds since the epoch."""

    sha256: str
    size: int
    modified: float


class FolderEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of a folder's manifest: a file with its blob, a folder, or a link with its target."""

    path: str
    kind: str
    sha256: str | None = None
    size: int = 0
    target: str | None = None


class Manifest(msgspec.Struct, frozen=True):
    """A folder: its entries by path, and what was passed over and why."""

    entries: list[FolderEntry]
    skipped: dict[str, str] = {}
    version: int = 1


class BlobStore:
    """Content-addressed files below a root.

    Args:
        root: a folder, or an fsspec URL such as ``s3://bucket/prefix``.

    Raises:
        InvalidField: a URL, and fsspec is not installed.
    """

    def __init__(self, root: Path | str) -> None:
        self._remote: Any = None
        self._prefix = ""
        if isinstance(root, str) and "://" in root and not root.startswith("file://"):
            self._remote, self._prefix = _filesystem(root)
            self.root = Path()
        else:
            self.root = Path(str(root).removeprefix("file://"))

    def path(self, sha256: str) -> Path:
        """Return where a blob lies in a local root; it need not exist.

        Raises:
            InvalidField: no sha256, or the root is not local.
        """
        check_sha256(sha256)
        if self._remote is not None:
            raise InvalidField("The artifact root is not a local folder.", field="artifact_root")
        return self.root / sha256[:2] / sha256

    def exists(self, sha256: str) -> bool:
        """Tell whether a blob is stored."""
        check_sha256(sha256)
        if self._remote is not None:
            return bool(self._remote.exists(self._far(sha256)))
        return self.path(sha256).is_file()

    def size(self, sha256: str) -> int:
        """Return the size of a blob in bytes. Raises: NotFound."""
        if not self.exists(sha256):
            raise _missing(sha256)
        return int(self._remote.size(self._far(sha256))) if self._remote else self.path(sha256).stat().st_size

    def open(self, sha256: str) -> BinaryIO:
        """Open a blob for reading. Raises: NotFound."""
        check_sha256(sha256)
        try:
            if self._remote is not None:
                found: BinaryIO = self._remote.open(self._far(sha256), "rb")
                return found
            return self.path(sha256).open("rb")
        except FileNotFoundError as error:
            raise _missing(sha256) from error

    def each(self) -> Iterator[StoredBlob]:
        """Yield the blobs of a local root by hash; what has another kind of name is passed over.

        Raises:
            InvalidField: the root is not local.
        """
        self.path("0" * 64)
        for folder in sorted(self.root.glob("[0-9a-f][0-9a-f]")):
            for path in sorted(folder.iterdir()):
                if len(path.name) == 64 and _HEX.issuperset(path.name) and path.name.startswith(folder.name):
                    with contextlib.suppress(OSError):
                        found = path.lstat()
                        if stat.S_ISREG(found.st_mode):
                            yield StoredBlob(path.name, found.st_size, found.st_mtime)

    def remove(self, sha256: str, *, before: float) -> bool:
        """Remove a blob that was last stored before a time, and tell whether it went.

        One who stores the same content meanwhile keeps it: both hold the lock of the root.

        Args:
            sha256: its hash.
            before: seconds since the epoch.
        """
        path = self.path(sha256)
        with self._lock(fcntl.LOCK_EX), contextlib.suppress(FileNotFoundError):
            if path.lstat().st_mtime < before:
                path.unlink()
                return True
        return False

    @contextlib.contextmanager
    def _lock(self, how: int) -> Iterator[None]:
        handle = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(handle, how)
            yield
        finally:
            os.close(handle)

    def put_bytes(self, data: bytes) -> Blob:
        """Store bytes. Raises: DiskFull, StoreUnreachable."""
        return self._store(iter([data]))

    def put_file(self, path: Path | str, *, follow: bool = True) -> Blob:
        """Store a regular file; a symbolic link that was named is followed, unless `follow` is off.

        Raises:
            NotFound: it does not exist.
            InvalidField: it is a folder, FIFO, socket or device, or a link that may not be followed.
            DiskFull, StoreUnreachable: it cannot be stored.
        """
        source = Path(path)
        with _opened(source, follow=follow) as handle:
            return self._store(iter(lambda: handle.read(CHUNK), b""))

    def put_folder(self, folder: Path | str) -> Blob:
        """Store a folder and return the blob of its manifest (`read_manifest` gives it back).

        Raises:
            NotFound: it is no folder.
            DiskFull, StoreUnreachable: it cannot be stored.
        """
        root = Path(folder)
        if not root.is_dir():
            raise NotFound(f"There is no folder {root}.", field="path")
        entries: list[FolderEntry] = []
        skipped: dict[str, str] = {}
        for path in _walk(root):
            name = path.relative_to(root).as_posix()
            entry = self._entry(path, name, skipped)
            if entry is not None:
                entries.append(entry)
        for name, reason in skipped.items():
            LOG.warning("%s was not stored: %s.", root / name, reason)
        return self.put_bytes(msgspec.json.encode(Manifest(entries, skipped)))

    def read_manifest(self, sha256: str) -> Manifest:
        """Return the manifest of a stored folder. Raises: NotFound, InvalidField (the blob is no manifest)."""
        with self.open(sha256) as handle:
            try:
                return msgspec.json.decode(handle.read(), type=Manifest)
            except (msgspec.DecodeError, RecursionError) as error:
                raise InvalidField(f"The blob {sha256} is no folder.", field="sha256") from error

    def _entry(self, path: Path, name: str, skipped: dict[str, str]) -> FolderEntry | None:
        """Store one member of a folder; None when it is passed over."""
        try:
            found = path.lstat()
        except OSError as error:
            skipped[name] = str(error.strerror)
            return None
        if stat.S_ISLNK(found.st_mode):
            return FolderEntry(name, "link", target=os.readlink(path))  # noqa: PTH115 -- the text, not resolved
        if stat.S_ISDIR(found.st_mode):
            return FolderEntry(name, "folder")
        if not stat.S_ISREG(found.st_mode):
            skipped[name] = kind_of(found.st_mode)
            return None
        try:
            blob = self._put_regular(path)
        except (NotFound, InvalidField) as error:
            skipped[name] = error.message
            return None
        return FolderEntry(name, "file", blob.sha256, blob.size)

    def _put_regular(self, path: Path) -> Blob:
        with _opened(path, follow=False) as handle:
            return self._store(iter(lambda: handle.read(CHUNK), b""))

    def _far(self, sha256: str) -> str:
        return f"{self._prefix}/{sha256[:2]}/{sha256}"

    def _store(self, chunks: Iterator[bytes]) -> Blob:
        if self._remote is not None:
            return self._store_far(chunks)
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            temporary = self.root / f".part-{secrets.token_hex(8)}"
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0)
            handle = os.open(temporary, flags, 0o600)
        except OSError as error:
            raise explain(error, self.root) from error
        try:
            with os.fdopen(handle, "wb") as out:
                blob = _copy(chunks, out)
                out.flush()
                os.fsync(out.fileno())
            return self._name(temporary, blob)
        except OSError as error:
            raise explain(error, self.root) from error
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)

    def _name(self, temporary: Path, blob: Blob) -> Blob:
        """Give a finished file its name; one content is kept once."""
        target = self.path(blob.sha256)
        with self._lock(fcntl.LOCK_SH):
            if target.is_file() and target.stat().st_size == blob.size:
                os.utime(target)  # it is in use anew: a collection leaves it alone
                return blob
        target.parent.mkdir(mode=0o700, exist_ok=True)
        temporary.replace(target)
        folder = os.open(target.parent, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return blob

    def _store_far(self, chunks: Iterator[bytes]) -> Blob:
        temporary = f"{self._prefix}/.part-{secrets.token_hex(8)}"
        try:
            self._remote.makedirs(self._prefix, exist_ok=True)
            with self._remote.open(temporary, "wb") as out:
                blob = _copy(chunks, out)
            if self._remote.exists(self._far(blob.sha256)):
                self._remote.rm(temporary)
            else:
                self._remote.makedirs(self._far(blob.sha256).rpartition("/")[0], exist_ok=True)
                self._remote.mv(temporary, self._far(blob.sha256))
        except StudioError:
            raise
        except Exception as error:
            raise StoreUnreachable(f"The artifact root {self._prefix} cannot be written to: {error}.") from error
        return blob


def _copy(chunks: Iterator[bytes], out: IO[bytes]) -> Blob:
    digest, size = hashlib.sha256(), 0
    for chunk in chunks:
        digest.update(chunk)
        out.write(chunk)
        size += len(chunk)
    return Blob(digest.hexdigest(), size)


def _walk(root: Path) -> Iterator[Path]:
    """Yield everything below a folder by path, links and folders among it; links are not entered."""
    for folder, names, files in os.walk(root, followlinks=False):
        names.sort()
        for name in sorted([*names, *files]):
            yield Path(folder) / name


@contextlib.contextmanager
def _opened(path: Path, *, follow: bool = True) -> Iterator[IO[bytes]]:
    """Open a regular file without ever hanging on a FIFO."""
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | (0 if follow else getattr(os, "O_NOFOLLOW", 0))
    try:
        handle = os.open(path, flags)
    except FileNotFoundError as error:
        raise NotFound(f"There is no file {path}.", field="path") from error
    except OSError as error:
        raise InvalidField(f"{path} cannot be read: {error.strerror}.", field="path") from error
    mode = os.fstat(handle).st_mode
    if not stat.S_ISREG(mode):
        os.close(handle)
        raise InvalidField(f"{path} is {kind_of(mode)}, not a file.", field="path", hint="Name a regular file.")
    with os.fdopen(handle, "rb") as opened:
        yield opened


def kind_of(mode: int) -> str:
    """Return what a file mode says, in words."""
    kinds = {
        stat.S_IFDIR: "a folder",
        stat.S_IFIFO: "a FIFO",
        stat.S_IFSOCK: "a socket",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
        stat.S_IFLNK: "a link",
    }
    return kinds.get(stat.S_IFMT(mode), "a special file")


def check_sha256(text: str) -> str:
    """Return `text` when it is a sha256 in lower-case hex. Raises: InvalidField."""
    if not isinstance(text, str) or len(text) != 64 or not _HEX.issuperset(text):
        raise InvalidField("That is no sha256.", field="sha256", hint="Give 64 lower-case hexadecimal digits.")
    return text


def _missing(sha256: str) -> NotFound:
    return NotFound(f"There is no artifact with the content {sha256}.", field="sha256")


def _filesystem(url: str) -> tuple[Any, str]:
    try:
        import fsspec
    except ImportError as error:
        raise InvalidField(
            f"The artifact root {url.split('://', 1)[0]}://… needs fsspec.",
            field="artifact_root",
            hint="pip install fsspec",
        ) from error
    filesystem, prefix = fsspec.core.url_to_fs(url)
    return filesystem, str(prefix).rstrip("/")
