"""Let the field's own toolkit say what a training job's environment is, and keep its answer for the tests.

    python -m venv /tmp/oracle && /tmp/oracle/bin/pip install sagemaker-training
    /tmp/oracle/bin/python tools/record_sagemaker_training.py tests/jobs/oracles/sagemaker_training.json

`sagemaker-training` is asked in an environment of its own: what it brings (gevent, paramiko, boto3) is
nothing that a test environment should need. Reads the jobs of the file, adds what the toolkit makes of each.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ASK = """
import json
from sagemaker_training import environment
env = environment.Environment()
print(json.dumps({"variables": env.to_env_vars(), "arguments": env.to_cmd_args()}))
"""


def ask(job: dict[str, object]) -> dict[str, object]:
    """Return the variables and arguments that the toolkit makes of a job's three configuration files."""
    with tempfile.TemporaryDirectory() as base:
        config = Path(base, "input", "config")
        config.mkdir(parents=True)
        for name in ("hyperparameters", "inputdataconfig", "resourceconfig"):
            (config / f"{name}.json").write_text(json.dumps(job[name]))
        for channel in job["inputdataconfig"]:  # type: ignore[attr-defined]
            Path(base, "input", "data", channel).mkdir(parents=True)
        module = "sagemaker_pytorch_container.training:main"  # as the image of a framework says it
        names = {"TRAINING_JOB_NAME": "oracle", "CURRENT_HOST": "algo-1", "SAGEMAKER_TRAINING_MODULE": module}
        done = subprocess.run(
            [sys.executable, "-c", ASK],
            env={**os.environ, **names, "SAGEMAKER_BASE_DIR": base},
            check=True,
            capture_output=True,
            text=True,
        )
        return json.loads(done.stdout.strip().splitlines()[-1].replace(base, "/opt/ml"))


def main() -> None:
    """Ask for every job of the file and write the answers into it."""
    path = Path(sys.argv[1])
    known = json.loads(path.read_text())
    known["version"] = importlib.metadata.version("sagemaker-training")
    for job in known["jobs"].values():
        job["answer"] = ask(job)
    path.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
