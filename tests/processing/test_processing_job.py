"""A processing job by its name."""

from __future__ import annotations

from pathlib import Path

from mlstudio.processing import ProcessingInput, ProcessingJob, ProcessingOutput, ScriptProcessor
from mlstudio.store.home import Home

from .conftest import Write


def test_a_job_is_found_again_by_its_name_and_stopped(agent: Home, script: Write, tmp_path: Path) -> None:
    processor = ScriptProcessor()
    processor.run(
        script("import time\nprint('up', flush=True)\ntime.sleep(60)"),
        inputs=[ProcessingInput(tmp_path, "/opt/ml/processing/input/x", "x")],
        outputs=[ProcessingOutput("/opt/ml/processing/output/y", tmp_path / "y", "y")],
        wait=False,
        logs=False,
    )
    job = ProcessingJob(processor.jobs[0].name)
    assert (job.inputs[0].input_name, job.inputs[0].source) == ("x", str(tmp_path))
    assert (job.outputs[0].output_name, job.outputs[0].destination) == ("y", str(tmp_path / "y"))
    job.stop(grace=0)
    job.wait(logs=None)
    assert job.describe()["ProcessingJobStatus"] == "Stopped"
    assert repr(job).endswith("Stopped)")
