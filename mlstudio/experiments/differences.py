"""Two or more components side by side: what is alike, what differs, and how their code was changed.

The answer of the panel's compare page (`comparison.compare` gives people a DataFrame instead).

Reads: records, code and environment, and the blobs of uncommitted changes.
Knows nothing of: HTTP.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from mlstudio.entities.comparison import CompareReply, CompareRequest, CompareRow, Group, GroupTotal, TextDiff
from mlstudio.entities.errors import StudioError
from mlstudio.entities.experiments import ArtifactRef, CodeReply, ComponentRecord, SeriesSummary
from mlstudio.entities.wire import encode
from mlstudio.experiments.shown import shown_comparison
from mlstudio.store.rules import ascii_lower

if TYPE_CHECKING:
    from mlstudio.store.artifacts import BlobStore
    from mlstudio.store.laws import Store

Value = bool | int | float | str | None
MAX_DIFF: Final = 256 * 1024
"""Bytes of one diff."""
MAX_DIFFS: Final = 2 * 1024 * 1024
"""Bytes of all diffs of an answer."""
MAX_TEXT: Final = 512 * 1024
"""Characters of a text that are compared."""
MAX_LINES: Final = 5_000
MAX_CELL: Final = 2_000
"""Characters of a value that are sent."""
GROUP_BYTES: Final = 512 * 1024
"""Encoded bytes after which the rows of a group end, its limit reached or not."""


def _duration(one: ComponentRecord) -> float | None:
    if one.start_time is None or one.end_time is None:
        return None
    return max(0.0, (one.end_time - one.start_time) / 1e6)


_META: Final[dict[str, Callable[[ComponentRecord], Value]]] = {
    "status": lambda one: one.status,
    "kind": lambda one: one.kind,
    "experiment": lambda one: _joined(ref.experiment_name for ref in one.trials),
    "trial": lambda one: _joined(ref.trial_name for ref in one.trials),
    "parent": lambda one: one.parent,
    "created": lambda one: one.created_at,
    "started": lambda one: one.start_time,
    "ended": lambda one: one.end_time,
    "duration": _duration,
    "user": lambda one: one.created_by,
    "host": lambda one: one.process.host if one.process else None,
    "starred": lambda one: one.starred,
    "note": lambda one: one.description,
    "source": lambda one: one.source_arn,
}
_CODE: Final = ("git_commit", "git_remote", "git_dirty", "entrypoint", "notebook_path", "cell_id")


def compare_components(store: Store, request: CompareRequest, *, blobs: BlobStore | None = None) -> CompareReply:
    """Set components side by side, without secrets; the others are held against the first that is there.

    Args:
        store: where they are.
        request: their names.
        blobs: where uncommitted changes are kept; None: the artifacts of the default home.
    """
    names = list(dict.fromkeys(request.components))
    with store.moment():
        records = store.get_components(names)
        codes = [store.code(record.name) for record in records]
    known = {record.name for record in records}
    found = _Found(request)
    if records:
        for row in (*_record_rows(records), *_environment_rows(codes), *_code_rows(codes)):
            found.take(row)
    reply = CompareReply(
        components=[record.name for record in records],
        labels=[record.display_name or record.name for record in records],
        missing=[name for name in names if name not in known],
        rows=found.rows,
        diffs=list(_diffs([record.name for record in records], codes, blobs)) if request.texts else [],
        totals=found.totals,
        next=found.next,
    )
    return shown_comparison(reply)


class _Found:
    """The rows that an answer has, and how many there are: two trials may have 100,000 metrics each.

    Args:
        request: which rows are asked for.
    """

    def __init__(self, request: CompareRequest) -> None:
        self._request = request
        self._text = ascii_lower(request.contains)
        self._bytes: dict[str, int] = {}
        self.rows: list[CompareRow] = []
        self.totals: dict[str, GroupTotal] = {}
        self.next: dict[str, int] = {}

    def take(self, row: CompareRow) -> None:
        """Count a row, and keep it when it stands on the page."""
        request, group = self._request, row.group
        if (request.begin is not None and group not in request.begin) or self._text not in ascii_lower(row.key):
            return
        before = self.totals.get(group, GroupTotal())
        self.totals[group] = GroupTotal(before.rows + 1, before.differ + row.differs)
        if request.differences and not row.differs:
            return
        place = before.differ if request.differences else before.rows
        begin = (request.begin or {}).get(group, 0)
        if place < begin or group in self.next:
            return
        size = self._bytes.get(group, 0) + len(encode(row))
        if place > begin and (place - begin >= request.limit or size > GROUP_BYTES):
            self.next[group] = place
            return
        self._bytes[group] = size
        self.rows.append(row)


def _record_rows(records: Sequence[ComponentRecord]) -> Iterator[CompareRow]:
    for key, read in _META.items():
        yield _row("meta", key, [read(one) for one in records])
    yield from _rows("params", [one.params for one in records], "params.")
    yield from _rows("metrics", [_lasts(one.metrics) for one in records], "metrics.", ".last")
    yield from _rows("tags", [one.tags for one in records], "tags.")
    yield from _rows("inputs", [_refs(one.inputs) for one in records], "inputs.")
    yield from _rows("outputs", [_refs(one.outputs) for one in records], "outputs.")


def _environment_rows(codes: Sequence[CodeReply]) -> Iterator[CompareRow]:
    envs = [code.env for code in codes]
    yield from _rows("packages", [env.packages if env else {} for env in envs])
    for key in ("python", "platform"):
        yield _row("environment", key, [getattr(env, key) or None if env else None for env in envs])
    yield from _rows("environment", [env.hardware if env else {} for env in envs], "hardware.")
    yield from _rows("environment", [env.variables if env else {} for env in envs], "variables.")


def _code_rows(codes: Sequence[CodeReply]) -> Iterator[CompareRow]:
    for key in _CODE:
        yield _row("code", key, [getattr(reply.code, key) if reply.code else None for reply in codes])
    yield _row("code", "argv", [" ".join(reply.code.argv) or None if reply.code else None for reply in codes])


def _rows(group: Group, cells: Sequence[Mapping[str, Any]], before: str = "", after: str = "") -> Iterator[CompareRow]:
    """Yield one row for each key that anybody has, sorted."""
    for key in sorted(set().union(*cells)):
        yield _row(group, f"{before}{key}{after}", [cell.get(key) for cell in cells])


def _row(group: Group, key: str, values: Sequence[Value]) -> CompareRow:
    shown = [value[:MAX_CELL] if isinstance(value, str) else value for value in values]
    return CompareRow(group=group, key=key, values=shown, differs=differ(values))


def differ(values: Sequence[Value]) -> bool:
    """Tell whether values are not all the same: NaN is NaN, 1 is 1.0, and no number is a truth value.

    >>> differ([float("nan"), float("nan")]), differ([1, 1.0]), differ([1, True]), differ([None, 0])
    (False, False, True, True)
    """
    return len({_comparable(value) for value in values}) > 1


def _comparable(value: Value) -> tuple[str, Value]:
    if isinstance(value, float) and math.isnan(value):
        return "nan", None
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return type(value).__name__, value
    return "number", value


def _lasts(metrics: Sequence[SeriesSummary]) -> dict[str, float]:
    """Return the last value of each metric, of the series that stands for it in the table."""
    ordered = sorted(metrics, key=lambda series: (bool(series.context), str(series.context)), reverse=True)
    return {series.name: series.last for series in ordered}


def _refs(refs: Mapping[str, ArtifactRef]) -> dict[str, str]:
    """Return where artifacts lie, with what is in them where the place does not say it."""
    told = {}
    for name, ref in refs.items():
        hidden = ref.sha256 is not None and ref.sha256 not in ref.value
        told[name] = f"{ref.value} (sha256 {ref.sha256})" if hidden else ref.value
    return told


def _joined(names: Iterator[str]) -> str | None:
    return ", ".join(sorted(set(names))) or None


# ---- texts


def _diffs(names: Sequence[str], codes: Sequence[CodeReply], blobs: BlobStore | None) -> Iterator[TextDiff]:
    """Yield the diffs of the first component's texts against those of each other that has one."""
    left = MAX_DIFFS
    sources = [(reply.code.source if reply.code else None) for reply in codes]
    changes = [_dirty_diff(reply, blobs) for reply in codes]
    for what, texts in (("source", sources), ("dirty_diff", changes)):
        for name, text in zip(names[1:], texts[1:], strict=True):
            if texts[0] is None and text is None:
                continue
            diff, cut = unified_diff(texts[0] or "", text or "", names[0], name)
            if len(diff.encode()) > left:
                diff, cut = "", True
            left -= len(diff.encode())
            yield TextDiff(left=names[0], right=name, what=what, diff=diff, truncated=cut)  # type: ignore[arg-type]


def _dirty_diff(reply: CodeReply, blobs: BlobStore | None) -> str | None:
    """Return the uncommitted changes of a component, None where there are none or their blob is gone."""
    sha256 = reply.code.diff_sha256 if reply.code else None
    if sha256 is None:
        return None
    if blobs is None:
        from mlstudio.store.artifacts import BlobStore
        from mlstudio.store.home import default_home

        blobs = BlobStore(default_home().artifacts)
    try:
        with blobs.open(sha256) as handle:
            return handle.read(4 * MAX_TEXT).decode("utf-8", "replace")
    except (StudioError, OSError):
        return None


def unified_diff(left: str, right: str, left_name: str, right_name: str) -> tuple[str, bool]:
    """Return a unified diff, empty when both are the same, and whether something was cut.

    Args:
        left, right: texts; the first 512 Ki characters and 5,000 lines of each are compared.
        left_name, right_name: what stands in the header.
    """
    if left == right:
        return "", False
    before, cut_before = _lines(left)
    after, cut_after = _lines(right)
    cut, size, kept = cut_before or cut_after, 0, list[str]()
    for line in difflib.unified_diff(before, after, left_name, right_name, lineterm=""):
        size += len(line.encode("utf-8", "replace")) + 1
        if size > MAX_DIFF:
            cut = True
            break
        kept.append(line)
    return "\n".join(kept), cut


def _lines(text: str) -> tuple[list[str], bool]:
    lines = text[:MAX_TEXT].split("\n")
    return lines[:MAX_LINES], len(text) > MAX_TEXT or len(lines) > MAX_LINES
