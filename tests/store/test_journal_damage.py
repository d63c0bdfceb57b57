"""Journals that were cut or damaged: whole records are read, nothing is invented."""

from __future__ import annotations

import random
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlstudio.entities.experiments import ComponentCreate
from mlstudio.store.batch import Batch
from mlstudio.store.journal import JournalReader
from mlstudio.store.journal_format import HEADER_SIZE, PARAM, ParamRecord
from mlstudio.store.journal_write import JournalWriter


def open_writer(folder: Path) -> JournalWriter:
    return JournalWriter(folder, ComponentCreate(name="run", uid="01J0"), adopted=False, on_file=lambda: None)


def read_all(path: Path, *, final: bool = False) -> Batch:
    with JournalReader(path, final=final) as reader:
        return reader.read(0)


def some_journal(folder: Path, seed: int) -> tuple[bytes, list[int]]:
    """Return the bytes of a journal with all kinds of records, and the offsets at which records end."""
    rng = random.Random(seed)
    writer = open_writer(folder)
    ends = [writer._place()[0]]
    for step in range(30):
        kind = rng.randrange(4)
        if kind == 0:
            writer.log("loss", step, step)
        elif kind == 1:
            writer.log_many({"a": step, "b": -step}, step)
        elif kind == 2:
            writer.record(PARAM, ParamRecord({f"p{step}": "x" * rng.randrange(20)}))
        else:
            writer.log(f"m{rng.randrange(3)}", step, step, context={"k": rng.randrange(2)})
        ends.append(writer._place()[0])
    data = writer.files[0].path.read_bytes()
    writer.finish()
    writer.files[0].let_go(remove=True)
    return data, ends


def meaning(batch: Batch) -> tuple[object, ...]:
    points = [(part.name, part.context, part.steps.tolist(), part.values.tolist()) for part in batch.points]
    return batch.end, points, batch.params, batch.bad_records


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 5), cut=st.integers(0, 4000), zeros=st.booleans(), final=st.booleans())
def test_t01_a_journal_cut_anywhere_gives_exactly_its_whole_records(
    tmp_path: Path, seed: int, cut: int, zeros: bool, final: bool
) -> None:
    data, ends = some_journal(tmp_path, seed)
    cut = HEADER_SIZE + min(cut, ends[-1] - HEADER_SIZE)
    torn = data[:cut] + (b"\0" * (len(data) - cut) if zeros else b"")
    path, whole = tmp_path / "torn.mj", tmp_path / "whole.mj"
    path.write_bytes(torn)
    batch = read_all(path, final=final)
    assert batch.bad_records == 0
    assert batch.end <= cut or not any(data[cut : batch.end]), "beyond the cut only zeros may be believed"
    if batch.end > HEADER_SIZE:
        whole.write_bytes(data[: batch.end])
        assert meaning(batch) == meaning(read_all(whole))
    kept = [end for end in ends if end <= cut]
    assert batch.end >= (kept[-1] if kept else HEADER_SIZE), "a whole record was lost"


def test_damage_in_the_middle_is_skipped_and_counted(tmp_path: Path) -> None:
    writer = open_writer(tmp_path)
    for step in range(100):
        writer.log("loss", step, step)
    path = writer.files[0].path
    data = bytearray(path.read_bytes())
    place = writer._place()[0] - 50 * 32
    data[place + 9] ^= 0xFF
    path.write_bytes(data)
    batch = read_all(path)
    (points,) = batch.points
    assert points.steps.tolist() == [step for step in range(100) if step != 50]
    assert batch.bad_records == 1


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 3),
    noise=st.lists(st.tuples(st.integers(0, 3000), st.integers(1, 255)), min_size=1, max_size=20),
)
def test_flipped_bytes_never_crash_a_reader_nor_invent_a_point(
    tmp_path: Path, seed: int, noise: list[tuple[int, int]]
) -> None:
    data, ends = some_journal(tmp_path, seed)
    (tmp_path / "good.mj").write_bytes(data)
    good = read_all(tmp_path / "good.mj")
    damaged = bytearray(data)
    for place, flip in noise:
        damaged[HEADER_SIZE + place % (ends[-1] - HEADER_SIZE)] ^= flip
    path = tmp_path / "bad.mj"
    path.write_bytes(damaged)
    batch = read_all(path, final=True)
    true = {
        (part.name, part.context): set(zip(part.steps.tolist(), part.values.tolist(), strict=True))
        for part in good.points
    }
    for part in batch.points:
        assert set(zip(part.steps.tolist(), part.values.tolist(), strict=True)) <= true[part.name, part.context]
