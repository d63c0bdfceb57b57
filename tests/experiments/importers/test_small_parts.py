"""What all importers share: texts, counts, places, the order of runs, YAML, the wire format, checksums, records."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstudio.experiments.importers import places, texts
from mlstudio.experiments.importers.crc32c import crc32c, crc32c_many, masked
from mlstudio.experiments.importers.found import Candidate, FoundRun, parents_first
from mlstudio.experiments.importers.plain_yaml import BadYaml, read_mapping
from mlstudio.experiments.importers.protobuf import BadMessage, fields, put_bytes, put_double, put_int, signed, varint
from mlstudio.experiments.importers.record_file import Ending, framed, records
from mlstudio.experiments.importers.tally import MAX_REASONS, Stopped, Tally


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("0.1", 0.1),
        ("-3", -3),
        ("1e-3", 0.001),
        (".5", 0.5),
        ("0", 0),
        ("True", True),
        ("False", False),
        ("007", "007"),
        ("1_000", "1_000"),
        ("nan", "nan"),
        ("inf", "inf"),
        ("++5", "++5"),
        ("1²", "1²"),
        ("٣", "٣"),
        ("9" * 5000, "9" * 5000),
        ("9007199254740993", "9007199254740993"),
        (" 3", " 3"),
        ("1e999", "1e999"),
        ("", ""),
        ("-", "-"),
        ("adam", "adam"),
    ],
)
def test_a_text_becomes_the_number_that_it_spells(text: str, kept: object) -> None:
    found = texts.param(text)
    assert found == kept
    assert type(found) is type(kept)


@given(st.text())
def test_no_text_breaks_a_parameter(text: str) -> None:
    found = texts.param(text)
    assert isinstance(found, (bool, int, float, str))


def test_two_long_names_stay_two() -> None:
    tally = Tally()
    one, two = (texts.key("x" * 600 + end, "metric", tally) for end in "ab")
    assert one != two
    assert len(str(one)) == 500
    assert texts.key(" \n ", "metric", tally) is None
    assert texts.key("a\x00b", "metric", tally) == "a b"


def test_reasons_beyond_a_page_share_a_line() -> None:
    tally = Tally()
    for number in range(MAX_REASONS + 50):
        tally.skip(f"thing {number}", "because")
    skipped = tally.report().skipped
    assert len(skipped) == MAX_REASONS + 1
    assert skipped[-1].count == 50


def test_a_tally_tells_and_stops() -> None:
    told: list[tuple[int, int | None, str]] = []
    tally = Tally(lambda *said: told.append(said), lambda: len(told) > 1)
    tally.step("one")
    with pytest.raises(Stopped):
        tally.step("two")
    assert told == [(1, None, "one"), (2, None, "two")]


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///a/b%20c", "/a/b c"),
        ("/a/b", "/a/b"),
        ("./x", "/base/x"),
        ("file:x", "/base/x"),
        ("file://localhost/a", "/a"),
        ("file://other/a", None),
        ("s3://b/k", None),
        ("mlflow-artifacts:/1/2", None),
        ("dbfs:/x", None),
        ("", None),
        ("/a\0b", None),
        ("file:///a%00b", None),
    ],
)
def test_an_address_is_a_path_only_on_this_machine(uri: str, path: str | None) -> None:
    assert places.local_path(uri, Path("/base")) == (None if path is None else Path(path))


def test_a_folder_is_allowed_only_below_a_root(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (inside / "link").symlink_to(outside)
    roots = places.resolved([inside, tmp_path / "missing"])
    assert places.allowed(inside, roots) == inside.resolve()
    assert places.allowed(inside / "link", roots) is None
    assert places.allowed(inside / ".." / "out", roots) is None
    assert places.allowed(inside / "missing", roots) is None


def test_a_crowd_of_files_is_kept_by_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "MAX_FILES", 5)
    (tmp_path / "many").mkdir()
    for number in range(6):
        (tmp_path / "many" / f"{number}.txt").write_text("x", encoding="utf-8")
    (tmp_path / "one.txt").write_text("x", encoding="utf-8")
    found = places.files_below(tmp_path, Tally())
    assert {(one.name, one.folder) for one in found} == {("many", True), ("one.txt", False)}


def test_reading_a_pipe_or_a_link_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/etc/hostname")
    with pytest.raises(OSError, match="a FIFO, not a file"):
        places.read(tmp_path / "pipe", 10)
    with pytest.raises(OSError, match="link"):
        places.read(tmp_path / "link", 10)


def test_parents_come_first_and_circles_end() -> None:
    def one(name: str, parent: str | None) -> Candidate:
        return Candidate(name, "e", None, "", lambda _last: FoundRun(), parent)

    listed = [one("c", "b"), one("b", "a"), one("a", None), one("x", "y"), one("y", "x"), one("z", "gone")]
    order = [candidate.source_id for candidate in parents_first(listed)]
    assert order.index("a") < order.index("b") < order.index("c")
    assert sorted(order) == ["a", "b", "c", "x", "y", "z"]


def test_yaml_is_plain_data(tmp_path: Path) -> None:
    path = tmp_path / "meta.yaml"
    path.write_text("name: e\nend_time: null\nstatus: 3\ntags: []\n", encoding="utf-8")
    assert read_mapping(path) == {"name": "e", "end_time": None, "status": 3, "tags": []}
    path.write_text("a: 1\nb: [\n", encoding="utf-8")
    with pytest.raises(BadYaml, match="no YAML in line"):
        read_mapping(path)
    with pytest.raises(BadYaml):
        read_mapping(tmp_path / "missing.yaml")


def test_the_wire_format_comes_back() -> None:
    body = put_int(1, -1) + put_bytes(2, "ä") + put_double(3, 0.1) + put_int(4, 300)
    found = {number: value for number, _, value in fields(body)}
    assert signed(found[1]) == -1
    assert found[2] == "ä".encode()
    assert found[4] == 300
    assert varint(2**64 - 1) == varint(-1)


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader_of_messages(body: bytes) -> None:
    try:
        for number, kind, value in fields(body):
            assert number >= 0
            assert kind in {0, 1, 2, 5}
            assert isinstance(value, (int, bytes))
    except BadMessage:
        pass


def bitwise(data: bytes) -> int:
    """The checksum as its definition says, a bit at a time."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def test_the_checksum_is_castagnoli_s_for_every_length() -> None:
    assert crc32c(b"123456789") == 0xE3069283
    assert crc32c(b"\0" * 32) == 0x8A9136AA
    data = np.random.default_rng(7).integers(0, 256, 20_000, dtype=np.uint8).tobytes()
    for length in (0, 1, 7, 4096, 4097, 5000, 20_000):
        assert crc32c(data[:length]) == bitwise(data[:length])
    starts, lengths = np.array([0, 5, 100, 9]), np.array([4, 0, 19_000, 300])
    expected = [bitwise(data[s : s + n]) for s, n in zip(starts, lengths, strict=True)]
    assert crc32c_many(np.frombuffer(data, np.uint8), starts, lengths).tolist() == expected
    assert masked(0) == 0xA282EAD8


PIECES = [b"first", b"", b"x" * 10_000, b"last"]


def test_records_come_back_from_where_reading_ended() -> None:
    body = b"".join(map(framed, PIECES))
    ending = Ending(0)
    assert list(records(io.BytesIO(body), ending)) == PIECES
    assert (ending.offset, ending.damage, ending.torn) == (len(body), None, False)
    more = body + framed(b"new")
    assert list(records(io.BytesIO(more), ending)) == [b"new"]


def test_a_file_cut_anywhere_gives_the_records_before() -> None:
    body = b"".join(map(framed, (b"one", b"two", b"three")))
    ends = [len(framed(b"one")), len(framed(b"one")) * 2, len(body)]
    for cut in range(len(body)):
        ending = Ending(0)
        got = list(records(io.BytesIO(body[:cut]), ending))
        assert got == [b"one", b"two", b"three"][: sum(end <= cut for end in ends)]
        assert ending.damage is None
        assert ending.torn == (cut not in {0, *ends})


def test_a_flipped_bit_anywhere_ends_the_reading_there() -> None:
    body = b"".join(map(framed, (b"one", b"two", b"three")))
    ends = [0, len(framed(b"one")), len(framed(b"one")) * 2]
    for place in range(len(body)):
        spoilt = bytearray(body)
        spoilt[place] ^= 4
        ending = Ending(0)
        got = list(records(io.BytesIO(bytes(spoilt)), ending))
        hit = max(number for number, begin in enumerate(ends) if begin <= place)
        assert got == [b"one", b"two", b"three"][:hit]
        assert ending.offset == ends[hit]
        assert ending.damage is not None
