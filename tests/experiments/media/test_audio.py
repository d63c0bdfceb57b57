"""Sounds: WAV there and back, and what is refused."""

from __future__ import annotations

import io
import json
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mlstudio.entities.media import MAX_PREVIEW
from mlstudio.experiments.media import Unfit, encode


def samples(data: bytes | None) -> tuple[int, np.ndarray]:
    with wave.open(io.BytesIO(data or b""), "rb") as file:
        kind = {1: "u1", 2: "<i2", 4: "<i4"}[file.getsampwidth()]
        found = np.frombuffer(file.readframes(file.getnframes()), kind).reshape(-1, file.getnchannels())
        return file.getframerate(), found


@given(
    arrays.arrays(st.sampled_from([np.uint8, np.int16, np.int32]), st.tuples(st.integers(9, 40), st.integers(1, 8))),
    st.integers(1, 192_000),
)
def test_samples_come_back_as_they_were(array: np.ndarray, rate: int) -> None:
    for given_array in (array, array.T) if array.shape[1] > 1 else (array,):
        (found,) = encode("audio", given_array, sample_rate=rate)
        said, back = samples(found.data)
        assert (said, np.array_equal(back, array)) == (rate, True)
        shape = json.loads(found.preview or b"")
        assert (shape["sample_rate"], shape["channels"]) == (rate, array.shape[1])
        assert all(-1 <= low <= high <= 1 for low, high in shape["peaks"])


@given(arrays.arrays(np.float64, st.integers(9, 50), elements=st.floats(-1, 1)))
def test_floats_are_the_nearest_of_16_bits(array: np.ndarray) -> None:
    (found,) = encode("audio", array, sample_rate=8000)
    assert np.abs(samples(found.data)[1][:, 0] / 32767 - array).max() <= 0.5 / 32767 + 1e-9


def test_a_little_too_loud_is_clipped_and_nan_is_silence() -> None:
    (found,) = encode("audio", np.array([1.5, -1.5, np.nan, np.inf, *[0.0] * 9]), sample_rate=10)
    assert samples(found.data)[1][:4, 0].tolist() == [32767, -32767, 0, 32767]


def test_the_preview_of_a_long_sound_is_small() -> None:
    (found,) = encode("audio", np.sin(np.arange(200_000)), sample_rate=48_000)
    shape = json.loads(found.preview or b"")
    assert len(found.preview or b"") <= MAX_PREVIEW
    assert (len(shape["peaks"]), shape["seconds"]) == (128, round(200_000 / 48_000, 6))


@pytest.mark.parametrize(
    ("array", "options", "said"),
    [
        (np.zeros(100), {}, "only with their rate"),
        (np.zeros(100), {"sample_rate": 0}, "rate of 0"),
        (np.zeros(100), {"sample_rate": 2e9}, "rate of"),
        (np.zeros((5, 5)), {"sample_rate": 8}, "either axis"),
        (np.zeros((50, 50)), {"sample_rate": 8}, "either axis"),
        (np.zeros((2, 2, 2)), {"sample_rate": 8}, "no sound"),
        (np.full(20, 3e4), {"sample_rate": 8}, "loudest sample is 30000"),
        (np.zeros(20, np.int64), {"sample_rate": 8}, "no agreed scale"),
        (np.zeros(0), {"sample_rate": 8}, "empty"),
    ],
)
def test_what_is_no_sound_is_refused_with_a_sentence(array: Any, options: dict[str, Any], said: str) -> None:
    with pytest.raises(Unfit, match=said):
        encode("audio", array, **options)


def test_a_file_is_kept_as_it_is(tmp_path: Path) -> None:
    (made,) = encode("audio", np.zeros(100), sample_rate=8000)
    path = tmp_path / "a.wav"
    path.write_bytes(made.data or b"")
    (found,) = encode("audio", path)
    assert (found.path, found.media_type, found.preview) == (path, "audio/wav", made.preview)
    path.write_bytes(b"RIFF broken")
    assert encode("audio", path)[0].preview is None
    (tmp_path / "a.mp3").write_bytes(b"x")
    assert encode("audio", tmp_path / "a.mp3")[0].media_type == "audio/mpeg"
    (tmp_path / "a.exe").write_bytes(b"x")
    with pytest.raises(Unfit, match="no sound by its name"):
        encode("audio", tmp_path / "a.exe")
