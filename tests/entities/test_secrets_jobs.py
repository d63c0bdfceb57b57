"""A job is shown without secrets, wherever they stand in it, and the job itself keeps them."""

from __future__ import annotations

from mlstudio.entities.job_parts import NotebookRun, ProcessingInput, ProcessingOutput
from mlstudio.entities.job_requests import (
    FieldDifference,
    FileDifference,
    JobDifference,
    JobFolder,
    JobFolders,
    JobSource,
    SourceFile,
)
from mlstudio.entities.jobs import JobPage, JobRecord, JobSpec
from mlstudio.entities.secrets_jobs import (
    masked_difference,
    masked_folders,
    masked_job,
    masked_json,
    masked_page,
    masked_source,
)

KEY = "s3cr3t-value-9"
URL = f"s3://u:{KEY}@h/k"


def test_a_job_is_masked_in_all_its_parts() -> None:
    spec = JobSpec(
        name="j",
        entry_point="a.py",
        source_dir="/code",
        interpreter="/usr/bin/python3",
        hyperparameters={"hf_token": f'"{KEY}"'},
        environment={"MY_TOKEN": KEY, "MODE": "a"},
        arguments=["--api-key", KEY, "-n", "3"],
        container_arguments=["--password", KEY],
        inputs=[ProcessingInput(name="i", source=URL, destination="/opt/ml/processing/i")],
        outputs=[ProcessingOutput(name="o", source="/opt/ml/processing/o", destination=URL)],
        notebook=NotebookRun(parameters={"token": KEY, "lr": 0.1}),
        checkpoint_source=URL,
        output_path=URL,
    )
    job = JobRecord(
        uid="u", name="j", arn="a", kind="training", spec=spec, trial_component="c", created_at=1, modified_at=1
    )
    shown = masked_job(job)
    assert KEY not in repr(shown)
    assert KEY in repr(job)
    assert (shown.spec.arguments[-2:], shown.spec.environment["MODE"]) == (["-n", "3"], "a")
    assert shown.spec.notebook is not None
    assert shown.spec.notebook.parameters["lr"] == 0.1
    assert masked_job(shown) == shown
    assert masked_page(JobPage([job])).items == [shown]


def test_code_differences_and_folders_are_masked() -> None:
    source = JobSource("a.py", [SourceFile("a.py", 9, f"token = '{KEY}'\n"), SourceFile("b.bin", 9)])
    found = JobDifference(
        "a",
        "b",
        [FieldDifference("environment", "MY_TOKEN", KEY, None), FieldDifference("inputs", "x", URL, "/a")],
        [FileDifference("a.py", "changed", f"--- a.py\n+++ a.py\n@@ -1 +1 @@\n-x = 1\n+token = '{KEY}'")],
    )
    folders = JobFolders([JobFolder("train", URL, [])])
    assert KEY not in repr([masked_source(source), masked_difference(found), masked_folders(folders)])
    assert masked_difference(found).fields[0].right is None


def test_a_hyperparameter_stays_json() -> None:
    assert masked_json("hf_token", f'"{KEY}"') == '"••••"'
    assert masked_json("max_tokens", "512") == "512"
    assert masked_json("db", f'"pg://u:{KEY}@h"') == '"pg://••••@h"'
    assert masked_json("extra", f'{{"api_key": "{KEY}", "n": 1}}') == '{"api_key": "••••", "n": 1}'
