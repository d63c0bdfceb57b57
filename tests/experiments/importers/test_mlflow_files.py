"""MLflow's file layout: torn, bombed, moved, linked."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from mlstudio.entities.experiments import ComponentRecord
from mlstudio.entities.transfers import TransferReport
from mlstudio.experiments.query_text import parse
from mlstudio.store import open_store

Bring = Callable[..., TransferReport]


def small(root: Path) -> Path:
    """A store of one run, by hand; returns the run's folder."""
    run = root / "mlruns" / "1" / "abc"
    for name in ("metrics", "params", "tags", "artifacts"):
        (run / name).mkdir(parents=True)
    (root / "mlruns" / "1" / "meta.yaml").write_text("experiment_id: '1'\nname: e\nlifecycle_stage: active\n")
    (run / "meta.yaml").write_text(
        "run_id: abc\nrun_name: one\nstatus: 3\nstart_time: 1700000000000\nend_time: 1700000001000\n"
        "artifact_uri: file:///somewhere/else\nlifecycle_stage: active\n"
    )
    return run


def only() -> ComponentRecord:
    (run,) = open_store().search_components(parse(""))
    return run


def why(report: TransferReport) -> dict[str, str]:
    return {one.what: one.why for one in report.skipped}


def test_a_torn_line_is_left_out_and_its_place_reported(tmp_path: Path, bring: Bring) -> None:
    run = small(tmp_path)
    (run / "metrics" / "loss").write_text("1 0.5 0\n2 0.25 1\n3 0.1")
    (run / "metrics" / "bad").write_text("1 0.5 0\nnonsense\n2 0.4 1\n3 0.")
    report = bring("mlflow", tmp_path)
    assert open_store().points("mlflow-abc", "bad").values.tolist() == [0.5, 0.4]
    assert open_store().points("mlflow-abc", "loss").values.tolist() == [0.5, 0.25]
    assert [(one.what, one.why) for one in report.skipped] == [
        ("line of metric bad", "half-written: 1/abc/metrics/bad at byte 25"),
        ("line of metric bad", "it cannot be read: 1/abc/metrics/bad at byte 8"),
        ("line of metric loss", "half-written: 1/abc/metrics/loss at byte 17"),
    ]


def test_lines_that_mlflow_wrote_twice_count_once(tmp_path: Path, bring: Bring) -> None:
    (small(tmp_path) / "metrics" / "loss").write_text("1 0.5 0\n2 0.25 1\n" * 2)
    assert bring("mlflow", tmp_path).points == 2


def test_names_may_have_slashes(tmp_path: Path, bring: Bring) -> None:
    run = small(tmp_path)
    (run / "metrics" / "val").mkdir()
    (run / "metrics" / "val" / "loss").write_text("1 0.5 0\n")
    (run / "params" / "a").mkdir()
    (run / "params" / "a" / "b").write_text("1e-3")
    bring("mlflow", tmp_path)
    assert [series.name for series in only().metrics] == ["val/loss"]
    assert only().params == {"a/b": 0.001}


def test_artifacts_are_found_beside_the_run_when_the_store_was_moved(tmp_path: Path, bring: Bring) -> None:
    (small(tmp_path) / "artifacts" / "x.txt").write_text("x")
    bring("mlflow", tmp_path / "mlruns")
    assert set(only().outputs) == {"x.txt"}


def test_a_model_is_one_artifact(tmp_path: Path, bring: Bring) -> None:
    model = small(tmp_path) / "artifacts" / "model"
    model.mkdir()
    (model / "MLmodel").write_text("flavors: {}")
    (model / "weights.bin").write_bytes(b"\0" * 10)
    report = bring("mlflow", tmp_path)
    assert only().outputs["model"].media_type == "application/vnd.mlstudio.folder+json"
    assert report.artifacts == 1
    assert report.bytes > 20


def test_images_that_were_logged_by_step_are_media(tmp_path: Path, bring: Bring) -> None:
    images = small(tmp_path) / "artifacts" / "images"
    images.mkdir()
    out = io.BytesIO()
    Image.new("RGB", (4, 4), "red").save(out, "PNG")
    for name in ("val~dogs+step+3+timestamp+1700000000500+u-1", "val~dogs+step+3+timestamp+1700000000600+u-2"):
        (images / f"{name}.png").write_bytes(out.getvalue())
        (images / f"{name}+compressed.webp").write_bytes(b"small")
    (images / "old%step%1%timestamp%1700000000000%u.png").write_bytes(out.getvalue())
    (images / "bad+step+1+timestamp+1700000000000+u.png").write_bytes(b"no picture")
    (images / "plain.png").write_bytes(out.getvalue())
    report = bring("mlflow", tmp_path)
    media = open_store().media("mlflow-abc").items
    assert [(one.name, one.step, one.seq, one.ts) for one in media] == [
        ("old", 1, 0, 1_700_000_000.0),
        ("val/dogs", 3, 0, 1_700_000_000.5),
        ("val/dogs", 3, 1, 1_700_000_000.6),
    ]
    assert set(only().outputs) == {"images/plain.png", "images/bad+step+1+timestamp+1700000000000+u.png"}
    assert "it stays a file" in why(report)["image bad"]


def test_bombs_and_damaged_descriptions_spoil_one_run_only(tmp_path: Path, bring: Bring) -> None:
    run = small(tmp_path)
    bombs = {
        "aliases": "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
        "deep": "x: " + "[" * 5000 + "]" * 5000,
        "large": "x: " + "y" * 300_000,
        "python": "x: !!python/object/apply:os.system [id]\n",
        "binary": "\x00\x01\x02",
        "list": "- 1\n",
        "number": "x: " + "9" * 10_000 + "\n",
    }
    for name, body in bombs.items():
        folder = run.parent / name
        folder.mkdir()
        (folder / "meta.yaml").write_text(body)
    report = bring("mlflow", tmp_path)
    assert report.runs == 1
    told = why(report)
    assert told["damaged 1/aliases/meta.yaml"] == "has anchors, which plain data does not need"
    assert told["damaged 1/deep/meta.yaml"] == "nested too deep"
    assert told["damaged 1/large/meta.yaml"] == "larger than 256 kB"
    assert "line 1" in told["damaged 1/python/meta.yaml"]
    assert told["damaged 1/list/meta.yaml"] == "empty, or no mapping"
    assert {f"damaged 1/{name}/meta.yaml" for name in bombs} == set(told)


def test_links_and_pipes_in_a_store_are_not_followed(tmp_path: Path, bring: Bring) -> None:
    run = small(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "meta.yaml").write_text("run_id: zzz\n")
    (run.parent / "zzz").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    (run / "params" / "secret").symlink_to("/etc/hostname")
    os.mkfifo(run / "params" / "pipe")
    os.mkfifo(run / "metrics" / "pipe")
    report = bring("mlflow", tmp_path)
    assert (report.runs, report.params, report.points) == (1, 0, 0), report
    assert why(report)["links in 1"] == "links are not followed"


def test_old_words_for_the_status_are_understood(tmp_path: Path, bring: Bring) -> None:
    run = small(tmp_path)
    text = (run / "meta.yaml").read_text().replace("status: 3", "status: FAILED")
    (run / "meta.yaml").write_text(text)
    bring("mlflow", tmp_path)
    assert only().status == "Failed"


def test_deleted_experiments_and_runs_stay_behind(tmp_path: Path, bring: Bring) -> None:
    run = small(tmp_path)
    text = (run / "meta.yaml").read_text().replace("active", "deleted")
    (run / "meta.yaml").write_text(text)
    (tmp_path / "mlruns" / ".trash" / "5").mkdir(parents=True)
    assert why(bring("mlflow", tmp_path)) == {
        "deleted run": "it is deleted in MLflow",
        "experiment": "it is deleted in MLflow",
    }
