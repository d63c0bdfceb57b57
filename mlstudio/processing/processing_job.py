"""A processing job after `run`: wait for it, read its log, describe it, find its outputs.

Reads: the job through `mlstudio.jobs`.
"""

from __future__ import annotations

from typing import ClassVar

from mlstudio.jobs.client import run_folder
from mlstudio.jobs.processing_contract import destination
from mlstudio.processing.io import ProcessingInput, ProcessingOutput
from mlstudio.training.training_job import TrainingJob


class ProcessingJob(TrainingJob):
    """A processing job by name.

    Args:
        name: of an existing job.
    """

    _word: ClassVar[str] = "Processing"

    def __repr__(self) -> str:
        return f"ProcessingJob({self.name!r}, {self.status()})"

    @property
    def inputs(self) -> list[ProcessingInput]:
        """What goes in, named."""
        return [ProcessingInput(one.source, one.destination, one.name) for one in self.record().spec.inputs]

    @property
    def outputs(self) -> list[ProcessingOutput]:
        """What comes out, named; `destination` is where the files are found after the job."""
        record = self.record()
        folder = str(run_folder(record))
        return [
            ProcessingOutput(one.source, destination(one, folder), one.name, one.upload_mode)
            for one in record.spec.outputs
        ]
