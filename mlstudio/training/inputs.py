"""Input channels: folders and files by path or ``file://`` URI.

Reads: what `fit(inputs)` was given. Knows nothing of: how a job sees its channels.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from mlstudio.entities.errors import InvalidField
from mlstudio.entities.jobs import Channel

DEFAULT_CHANNEL = "training"
Source = "str | Path | TrainingInput"


class TrainingInput:
    """A channel with its details; SageMaker's signature.

    Args:
        s3_data: path or ``file://`` URI of a folder or file on this host.
        distribution: recorded; on one host every file is there.
        content_type: told to the script in inputdataconfig.json.
        input_mode: "File", or "FastFile" which is the same here; "Pipe" is refused.
        **recorded: `compression`, `s3_data_type`, `record_wrapping`, `attribute_names`,
            `target_attribute_name`, `shuffle_config`, `instance_groups`: accepted, not needed.

    Raises:
        InvalidField: input mode "Pipe".
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
        del compression, record_wrapping, s3_data_type, instance_groups
        del attribute_names, target_attribute_name, shuffle_config
        self.s3_data = s3_data
        self.distribution = distribution or "FullyReplicated"
        self.content_type = content_type
        self.input_mode = check_input_mode(input_mode or "File")

    def __repr__(self) -> str:
        return f"TrainingInput({str(self.s3_data)!r})"


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
        inputs: None, a path, a `TrainingInput` (channel "training"), or a mapping of channel names to those.
        input_mode: of channels that do not say their own.

    Raises:
        InvalidField: a source that is not local; TypeError: something that is no source.
    """
    if inputs is None:
        return []
    named = inputs if isinstance(inputs, Mapping) else {DEFAULT_CHANNEL: inputs}
    return [_channel(str(name), source, input_mode) for name, source in named.items()]


def _channel(name: str, source: Any, input_mode: Literal["File", "FastFile"]) -> Channel:
    if isinstance(source, TrainingInput):
        return Channel(
            name=name,
            source=str(local_path(source.s3_data)),
            content_type=source.content_type,
            input_mode=source.input_mode,
            distribution=source.distribution,
        )
    if isinstance(source, (str, Path)):
        return Channel(name=name, source=str(local_path(source)), input_mode=input_mode)
    raise TypeError(
        f"Channel {name!r} is of type {type(source).__name__}; give a path, a file:// URI or a TrainingInput."
    )
