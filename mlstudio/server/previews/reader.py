"""The process that reads what users made: limits first, then one question after the other.

A question is a line of JSON on standard input (`Question`); an answer is a length (u32, little
endian), one byte, and that many bytes: ``J`` a `Preview` as JSON, ``B`` WebP, ``E`` why not.

It may not write files, has little memory, ends with its parent, and gives up on a question after
a few seconds by itself; where it cannot (inside a library), its parent kills it.

    python -P -m mlstudio.server.previews.reader
"""

from __future__ import annotations

import contextlib
import os
import resource
import select
import signal
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any, Final

import msgspec

from mlstudio.entities.previews import Preview
from mlstudio.entities.wire import encode
from mlstudio.server.previews import choosing, documents, images, listings, tables, tensors, texts
from mlstudio.server.previews.question import SECONDS, Question

MEMORY: Final = 768 * 1024 * 1024
"""Bytes of address space beyond what the libraries themselves take."""
LARGE: Final = 320 * 1024 * 1024
"""Bytes that may stay in memory between two questions."""
STATM: Final = Path("/proc/self/statm")
IDLE: Final = 600.0
"""Seconds without a question after which the process ends."""
UNSAFE: Final = "not shown: unsafe format (pickle)"
PLAYED: Final = "played from its content"


class TooLate(BaseException):
    """The time for one question is over; passes through whoever catches `Exception`."""


def preview(path: Path, name: str, media_type: str | None) -> Preview:
    """Return what can be shown of a file; a damaged one raises what its reader raises."""
    head, size = texts.head_of(path, choosing.HEAD)
    kind = choosing.choose(head, name, media_type)
    if kind == "unsafe":
        return Preview(kind="none", media_type=media_type, size=size, reason=UNSAFE)
    if kind == "played":
        return Preview(kind="none", media_type=media_type, size=size, reason=PLAYED)
    made: dict[str, Any] = {
        "folder": lambda: listings.folder(path, media_type),
        "image": lambda: images.image(path, media_type),
        "table": lambda: texts.table(path, name, media_type),
        "columnar": lambda: tables.columnar(path, media_type),
        "tensors": lambda: tensors.tensors(path, name, media_type),
        "notebook": lambda: documents.notebook(path, name, media_type),
        "json": lambda: documents.tree(path, name, media_type),
        "archive": lambda: listings.archive(path, media_type),
        "text": lambda: texts.text(path, name, media_type),
    }
    found: Preview = made[kind]()
    return found


def safely(question: Question) -> tuple[bytes, bytes]:
    """Answer a question whatever the file does; return the byte and the body of the answer."""
    path = Path(question.path)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        if question.edge is not None:
            return b"B", images.redraw(path, question.edge).data
        return b"J", encode(preview(path, question.name, question.media_type))
    except TooLate:
        reason = f"not shown: it takes longer than {SECONDS:g} seconds to read"
    except MemoryError:
        reason = "not shown: reading it takes too much memory"
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error) as error:
        reason = f"damaged: {str(error)[:200]}"
    except RecursionError:
        reason = "not shown: it is nested too deep"
    except Exception as error:
        reason = f"damaged, or not what it is called: {type(error).__name__}: {str(error)[:200]}"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    if question.edge is not None:
        return b"E", reason.encode()
    size = 0
    with contextlib.suppress(OSError):
        size = path.stat().st_size
    return b"J", encode(Preview(kind="none", media_type=question.media_type, size=size, reason=reason))


def limit() -> None:
    """Take the rights away that reading does not need."""
    warm_up()
    if STATM.exists():  # elsewhere the system does not keep to this limit
        taken = int(STATM.read_text(encoding="ascii").split()[0]) * resource.getpagesize()
        _limit(resource.RLIMIT_AS, taken + MEMORY)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, 64)

    def give_up(*_: object) -> None:
        raise TooLate

    signal.signal(signal.SIGALRM, give_up)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's: the parent decides
    os.nice(5)


def warm_up() -> None:
    """Import what is imported late, so that its memory does not count as the file's."""
    import pyarrow as pa
    import pyarrow.parquet
    from PIL import Image

    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    Image.init()


def _limit(what: int, value: int) -> None:
    _, hard = resource.getrlimit(what)
    wanted = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(what, (wanted, wanted))


def serve(questions: IO[bytes], answers: IO[bytes]) -> None:
    """Answer until nobody asks any more."""
    waiting = select.poll()  # select() cannot wait for a descriptor above 1,023
    waiting.register(questions, select.POLLIN)
    while True:
        if not waiting.poll(IDLE * 1000):
            return
        line = questions.readline()
        if not line:
            return
        kind, body = safely(msgspec.json.decode(line, type=Question))
        answers.write(struct.pack("<I", len(body)) + kind + body)
        answers.flush()
        if _resident() > LARGE:
            return  # the next question starts a fresh one


def _resident() -> int:
    """Return the bytes of memory that this process holds; 0 where the system does not say."""
    with contextlib.suppress(OSError):
        return int(STATM.read_text(encoding="ascii").split()[1]) * resource.getpagesize()
    return 0


def main() -> None:
    """Run as a process of its own."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not look like an answer
    limit()
    answers.write(b"ready\n")
    answers.flush()
    serve(os.fdopen(0, "rb", buffering=0), answers)


if __name__ == "__main__":
    main()
