"""A job's specification travels as JSON and back, and what an older version wrote is still read."""

from __future__ import annotations

import msgspec
import pytest

from mlstudio.entities.job_parts import Distribution, NotebookRun, ProcessingInput, ProcessingOutput
from mlstudio.entities.jobs import JobSpec

BARE = '{"name": "j", "entry_point": "a.py", "source_dir": "/code", "interpreter": "/usr/bin/python3"}'


def test_what_an_older_version_wrote_is_read_with_defaults() -> None:
    spec = msgspec.json.decode(BARE, type=JobSpec)
    assert (spec.command, spec.inputs, spec.priority, spec.retries, spec.image_uri) == ([], [], 0, 0, None)


def test_all_parts_travel() -> None:
    spec = msgspec.json.decode(BARE, type=JobSpec)
    full = msgspec.structs.replace(
        spec,
        kind="processing",
        command=["Rscript"],
        arguments=["--x", "1"],
        inputs=[ProcessingInput(name="a", source="s3://b/k", destination="/opt/ml/processing/input")],
        outputs=[ProcessingOutput(name="o", source="/opt/ml/processing/out", upload_mode="Continuous")],
        distribution=Distribution(kind="torch", processes_per_host=2),
        notebook=NotebookRun(parameters={"lr": 0.1, "names": ["a", None]}),
    )
    assert msgspec.json.decode(msgspec.json.encode(full), type=JobSpec) == full


@pytest.mark.parametrize(
    ("field", "value"),
    [("priority", 101), ("retries", 31), ("arguments", ["x"] * 101), ("grace", -1), ("volume_size", 0)],
)
def test_values_out_of_bounds_are_refused(field: str, value: object) -> None:
    text = msgspec.json.encode({**msgspec.json.decode(BARE), field: value})
    with pytest.raises(msgspec.ValidationError, match=field):
        msgspec.json.decode(text, type=JobSpec)
