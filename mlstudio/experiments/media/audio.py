"""Sounds: arrays and tensors as WAV (PCM), files as they came, with the shape of the wave as preview.

An array is (n,), (n, channels) or (channels, n), up to 8 channels. Floats are -1…1 (a little more
is clipped), int16 and int32 are PCM, uint8 is PCM with 128 as silence. NaN is silence.
"""

from __future__ import annotations

import contextlib
import io
import wave
from pathlib import Path
from typing import Any, Final

import numpy as np

from mlstudio.experiments.media.arrays import Array, as_array, is_path
from mlstudio.experiments.media.encoded import JSON_TYPE, Encoded, Unfit, existing, json_bytes

MAX_CHANNELS: Final = 8
MAX_SAMPLES: Final = 100_000_000
LOUDEST: Final = 2.0
"""Floats beyond this are no overshoot, but samples in another scale."""
PEAKS: Final = 128
_TYPES: Final = {
    ".wav": "audio/wav",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".oga": "audio/ogg",
    ".opus": "audio/ogg",
    ".flac": "audio/flac",
    ".m4a": "audio/mp4",
    ".aac": "audio/aac",
    ".webm": "audio/webm",
}


def audio(obj: Any, *, sample_rate: int | None = None) -> Encoded:
    """Return one sound.

    Args:
        obj: an array or tensor, or the path of a file (WAV, MP3, Ogg, FLAC, M4A, AAC, WebM).
        sample_rate: samples a second, needed with an array.

    Raises:
        Unfit: no sample rate, no such shape, or floats in another scale.
        InvalidField: there is no such file.
    """
    if is_path(obj):
        return _from_file(existing(obj))
    if sample_rate is None:
        raise Unfit("Samples are a sound only with their rate.", hint="Give sample_rate=16000, or what it is.")
    rate = round(float(sample_rate))
    if not 1 <= rate <= 1_000_000:
        raise Unfit(f"A sample rate of {sample_rate!r:.40} is none.", hint="Give samples a second.")
    samples = _frames(as_array(obj))
    pcm = _pcm(samples)
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(pcm.shape[1])
        file.setsampwidth(pcm.itemsize)
        file.setframerate(rate)
        file.writeframes(pcm.astype(pcm.dtype.newbyteorder("<")).tobytes())
    return Encoded("audio/wav", out.getvalue(), preview=_wave(pcm, rate), preview_type=JSON_TYPE)


def _frames(array: Array) -> Array:
    """Return an array as (n, channels)."""
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2:
        raise Unfit(f"An array of shape {array.shape} is no sound.", hint="Give (n,), (n, channels) or (channels, n).")
    rows, columns = array.shape
    if array.size > MAX_SAMPLES:
        raise Unfit(f"The sound has {array.size} samples; at most {MAX_SAMPLES} are kept.", hint="Log a file.")
    if columns <= MAX_CHANNELS < rows or columns == 1:
        return array
    if rows <= MAX_CHANNELS < columns or rows == 1:
        return array.T
    raise Unfit(
        f"In an array of shape {array.shape} either axis could be the time.",
        hint=f"Give (n, channels) with more than {MAX_CHANNELS} samples and at most {MAX_CHANNELS} channels.",
    )


def _pcm(samples: Array) -> Array:
    """Return samples as uint8, int16 or int32."""
    if samples.dtype in (np.uint8, np.int16, np.int32):
        return samples
    if samples.dtype.kind != "f":
        raise Unfit(f"Samples of {samples.dtype} have no agreed scale.", hint="Give floats -1…1, int16 or int32.")
    values = np.nan_to_num(samples.astype(np.float64), nan=0.0, posinf=1.0, neginf=-1.0)
    loudest = float(np.abs(values).max())
    if loudest > LOUDEST:
        raise Unfit(f"Floats are read as -1 to 1; the loudest sample is {loudest:.6g}.", hint="Divide by the loudest.")
    return np.rint(np.clip(values, -1.0, 1.0) * 32767).astype(np.int16)


def _wave(pcm: Array, rate: int) -> bytes:
    """Return rate, length and at most 128 (lowest, highest) pairs, -1…1, as JSON."""
    values = pcm.astype(np.float64)
    values = (values - 128) / 128 if pcm.dtype == np.uint8 else values / float(-np.iinfo(pcm.dtype).min)
    edges = np.linspace(0, len(values), min(PEAKS, len(values)) + 1).astype(int)[:-1]
    low, high = values.min(axis=1), values.max(axis=1)
    peaks = zip(np.minimum.reduceat(low, edges).tolist(), np.maximum.reduceat(high, edges).tolist(), strict=True)
    return json_bytes(
        {
            "sample_rate": rate,
            "seconds": round(len(values) / rate, 6),
            "channels": pcm.shape[1],
            "peaks": [[round(first, 3), round(second, 3)] for first, second in peaks],
        }
    )


def _from_file(path: Path) -> Encoded:
    kind = _TYPES.get(path.suffix.lower())
    if kind is None:
        known = ", ".join(suffix[1:] for suffix in _TYPES)
        raise Unfit(f"{path.name[:200]!r} is no sound by its name.", hint=f"Sounds are {known}.")
    return Encoded(kind, path=path, **(_of_wav(path) if kind == "audio/wav" else {}))


def _of_wav(path: Path) -> dict[str, Any]:
    """Return the preview of a WAV file; none of one that is broken or long."""
    with contextlib.suppress(Exception):  # the file is kept as it is, whatever stands in it
        with wave.open(str(path), "rb") as file:
            frames, width, channels = file.getnframes(), file.getsampwidth(), file.getnchannels()
            if width not in (1, 2, 4) or not 0 < frames * channels <= MAX_SAMPLES // 10:
                return {}
            data, rate = file.readframes(frames), file.getframerate()
        kind: np.dtype[Any] = np.dtype({1: "u1", 2: "<i2", 4: "<i4"}[width])
        pcm = np.frombuffer(data, dtype=kind, count=len(data) // width // channels * channels).reshape(-1, channels)
        return {"preview": _wave(pcm.astype(kind.newbyteorder("=")), rate), "preview_type": JSON_TYPE}
    return {}
