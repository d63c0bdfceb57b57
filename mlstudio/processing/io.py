"""What goes into a processing job and what comes out, in SageMaker's words.

Reads: what `run(inputs, outputs)` was given. Knows nothing of: how a job sees its inputs.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mlstudio.entities import job_parts
from mlstudio.entities.errors import InvalidField
from mlstudio.jobs.locations import located


class ProcessingInput:
    """A file or folder that the script finds.

    Args:
        source: path, pattern such as ``data/*.csv``, ``file://`` URI or fsspec URL.
        destination: path below ``/opt/ml/processing``; a file lands at ``destination/<its name>``, a folder
            with its contents at the destination. Read-only for the script.
        input_name: default ``input-1``, ``input-2``, …
        s3_data_type: "S3Prefix"; manifests are refused.
        s3_input_mode: "File"; "Pipe" is refused.
        s3_data_distribution_type: recorded; on one host every file is there.
        s3_compression_type: "None"; "Gzip" is refused.
        app_managed: False; SageMaker's own dataset formats are refused.

    Raises:
        InvalidField: a value that cannot be honoured here, with what to do.
    """

    def __init__(
        self,
        source: str | Path | None = None,
        destination: str | None = None,
        input_name: str | None = None,
        s3_data_type: str = "S3Prefix",
        s3_input_mode: str = "File",
        s3_data_distribution_type: str = "FullyReplicated",
        s3_compression_type: str | None = "None",
        app_managed: bool = False,
    ) -> None:
        for name, value, fine, hint in (
            ("s3_data_type", s3_data_type, ("S3Prefix", None), "Give the file or folder itself."),
            ("s3_input_mode", s3_input_mode, ("File", None), "Use File: the input is mounted, nothing is copied."),
            ("s3_compression_type", s3_compression_type, ("None", None), "Unpack the files in the script."),
            ("app_managed", app_managed, (False, None), "Give a path or URL."),
            ("s3_data_distribution_type", s3_data_distribution_type, ("FullyReplicated", "ShardedByS3Key"), ""),
        ):
            if value not in fine:
                raise InvalidField(f"{name}={value!r:.100} cannot be honoured here.", field=name, hint=hint or None)
        if source is None:
            raise InvalidField("A ProcessingInput needs a source.", field="source")
        if destination is None:
            raise InvalidField(
                f"The input {source!s:.200} has no destination.",
                field="destination",
                hint='Say where the script finds it: destination="/opt/ml/processing/input".',
            )
        self.source = str(source)
        self.destination = str(destination)
        self.input_name = input_name
        self.s3_data_distribution_type = s3_data_distribution_type

    def __repr__(self) -> str:
        return f"ProcessingInput({self.source!r}, {self.destination!r}, input_name={self.input_name!r})"


class ProcessingOutput:
    """A folder that the script writes.

    Args:
        source: path below ``/opt/ml/processing``; it is there before the script starts.
        destination: folder, ``file://`` URI or fsspec URL that gets the files; default: the job's artifacts.
        output_name: default ``output-1``, ``output-2``, …
        s3_upload_mode: "EndOfJob", or "Continuous" which copies each file as it is closed.
        app_managed: False; feature groups are refused.

    Raises:
        InvalidField: a value that cannot be honoured here, with what to do.
    """

    def __init__(
        self,
        source: str | None = None,
        destination: str | Path | None = None,
        output_name: str | None = None,
        s3_upload_mode: str = "EndOfJob",
        app_managed: bool = False,
        feature_store_output: Any = None,
    ) -> None:
        if s3_upload_mode not in ("EndOfJob", "Continuous"):
            raise InvalidField(
                f"s3_upload_mode is {s3_upload_mode!r:.100}.",
                field="s3_upload_mode",
                hint='Use "EndOfJob" or "Continuous".',
            )
        if app_managed or feature_store_output is not None:
            raise InvalidField(
                "Feature groups cannot be written here.", field="app_managed", hint="Give a source and a destination."
            )
        if source is None:
            raise InvalidField("A ProcessingOutput needs a source.", field="source", hint="The folder that is written.")
        self.source = str(source)
        self.destination = None if destination is None else str(destination)
        self.output_name = output_name
        self.s3_upload_mode = s3_upload_mode

    def __repr__(self) -> str:
        return f"ProcessingOutput({self.source!r}, {self.destination!r}, output_name={self.output_name!r})"


def inputs_of(given: Sequence[ProcessingInput] | None) -> list[job_parts.ProcessingInput]:
    """Return the inputs of a job, the unnamed ones numbered.

    Raises:
        InvalidField: a source that is no location; TypeError: something that is no ProcessingInput.
    """
    found = []
    for number, one in enumerate(given or [], 1):
        if not isinstance(one, ProcessingInput):
            raise TypeError(f"inputs[{number - 1}] is of type {type(one).__name__}; give a ProcessingInput.")
        found.append(
            job_parts.ProcessingInput(
                name=one.input_name or f"input-{number}",
                source=located(one.source, field="inputs"),
                destination=one.destination.rstrip("/"),
                distribution="ShardedByS3Key"
                if one.s3_data_distribution_type == "ShardedByS3Key"
                else "FullyReplicated",
            )
        )
    return found


def outputs_of(given: Sequence[ProcessingOutput] | None) -> list[job_parts.ProcessingOutput]:
    """Return the outputs of a job, the unnamed ones numbered.

    Raises:
        InvalidField: a destination that is no location; TypeError: something that is no ProcessingOutput.
    """
    found = []
    for number, one in enumerate(given or [], 1):
        if not isinstance(one, ProcessingOutput):
            raise TypeError(f"outputs[{number - 1}] is of type {type(one).__name__}; give a ProcessingOutput.")
        found.append(
            job_parts.ProcessingOutput(
                name=one.output_name or f"output-{number}",
                source=one.source.rstrip("/"),
                destination=None if one.destination is None else located(one.destination, field="outputs"),
                upload_mode="Continuous" if one.s3_upload_mode == "Continuous" else "EndOfJob",
            )
        )
    return found
