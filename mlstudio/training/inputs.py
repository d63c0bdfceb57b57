"""Input channels: folders and files by path, pattern, ``file://`` URI or fsspec URL.

Reads: what `fit(inputs)` was given. Knows nothing of: how a job sees its channels.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from mlstudio.entities.errors import InvalidField
from mlstudio.entities.jobs import Channel
from mlstudio.jobs.locations import located

DEFAULT_CHANNEL = "training"
_DISTRIBUTIONS = ("FullyReplicated", "ShardedByS3Key")
Source = "str | Path | TrainingInput"


class TrainingInput:
    """A channel with its details; SageMaker's signature.

    Args:
        s3_data: path, pattern such as ``data/*.csv``, ``file://`` URI or fsspec URL of a folder or file.
        distribution: recorded; on one host every file is there.
        content_type: told to the script in inputdataconfig.json.
        input_mode: "File", or "FastFile" which is the same here; "Pipe" is refused.
        **recorded: `compression`, `record_wrapping`, `target_attribute_name`, `shuffle_config`,
            `instance_groups`: accepted, not needed.
        s3_data_type: "S3Prefix"; manifests are refused.

    Raises:
        InvalidField: input mode "Pipe", a manifest, an unknown distribution.
        TypeError: a keyword that SageMaker does not have either.
    """

    def __init__(
        self,
        s3_data: str | Path,
        distribution: str | None = None,
        compression: str | None = None,
        content_type: str | None = None,
        record_wrapping: str | None = None,
        s3_data_type: str = "S3Prefix",
        instance_groups: list[str] | None = None,
        input_mode: str | None = None,
        attribute_names: list[str] | None = None,
        target_attribute_name: str | None = None,
        shuffle_config: Any = None,
    ) -> None:
        del compression, record_wrapping, instance_groups, target_attribute_name, shuffle_config
        if s3_data_type != "S3Prefix" or attribute_names:
            raise InvalidField(
                f"Data of type {s3_data_type!r:.40} is a list of files that nothing reads here.",
                field="s3_data_type",
                hint="Give the folder that has the files, or a pattern such as data/*.csv.",
            )
        if distribution not in (None, *_DISTRIBUTIONS):
            raise InvalidField(
                f"The distribution {distribution!r:.40} is not known.",
                field="distribution",
                hint=f"Use {' or '.join(_DISTRIBUTIONS)}.",
            )
        self.s3_data = s3_data
        self.distribution = distribution or _DISTRIBUTIONS[0]
        self.content_type = content_type
        self.input_mode = check_input_mode(input_mode or "File")

    def __repr__(self) -> str:
        return f"TrainingInput({str(self.s3_data)!r})"


def s3_input(*args: Any, **kwargs: Any) -> TrainingInput:
    """Return a `TrainingInput`, by the name that it had in version 1 of the SDK."""
    warnings.warn("s3_input is called TrainingInput since SageMaker SDK 2.", FutureWarning, stacklevel=2)
    return TrainingInput(*args, **kwargs)


def check_input_mode(mode: str) -> Literal["File", "FastFile"]:
    """Return the mode when it can be honoured. Raises: InvalidField: "Pipe", or no mode at all."""
    if mode == "File":
        return "File"
    if mode == "FastFile":
        return "FastFile"
    hint = "Use File: the channel is mounted, nothing is copied." if mode == "Pipe" else 'Use "File" or "FastFile".'
    raise InvalidField(f"The input mode {mode!r:.40} cannot be used here.", field="input_mode", hint=hint)


def local_path(value: str | Path, *, field: str = "inputs") -> Path:
    """Return the absolute local path that a path or ``file://`` URI names; ``~`` is not expanded.

    Raises:
        InvalidField: another scheme, or a remote host.
    """
    text = str(value)
    if "://" not in text:
        return Path(value).absolute()
    parts = urlsplit(text)
    if parts.scheme == "file" and parts.netloc in ("", "localhost"):
        return Path(unquote(parts.path)).absolute()
    raise InvalidField(
        f"{text!r:.200} is not on this host.",
        field=field,
        hint="Give a local path or a file:// URI; fetch remote data into a folder first.",
    )


def channels_of(inputs: Any, input_mode: Literal["File", "FastFile"] = "File") -> list[Channel]:
    """Return the channels that `fit(inputs)` means.

    Args:
        inputs: None, a path or URL, a `TrainingInput` (channel "training"), or a mapping of channel names to those.
        input_mode: of channels that do not say their own.

    Raises:
        InvalidField: a source that names nothing; TypeError: something that is no source.
    """
    if inputs is None:
        return []
    named = inputs if isinstance(inputs, Mapping) else {DEFAULT_CHANNEL: inputs}
    return [_channel(str(name), source, input_mode) for name, source in named.items()]


def _channel(name: str, source: Any, input_mode: Literal["File", "FastFile"]) -> Channel:
    if isinstance(source, TrainingInput):
        return Channel(
            name=name,
            source=located(source.s3_data, field="inputs"),
            content_type=source.content_type,
            input_mode=source.input_mode,
            distribution=source.distribution,
        )
    if isinstance(source, (str, Path)):
        return Channel(name=name, source=located(source, field="inputs"), input_mode=input_mode)
    raise TypeError(f"Channel {name!r} is of type {type(source).__name__}; give a path, a URL or a TrainingInput.")
