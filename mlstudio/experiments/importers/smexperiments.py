"""SageMaker Experiments as JSON, in the form that the AWS command line prints.

    aws sagemaker describe-trial-component --trial-component-name x > x.json
    aws sagemaker search --resource ExperimentTrialComponent > all.json

A file, or a folder of them; each holds one component, a list of them, or the ``Results`` of a search.
The service keeps only summaries of metrics: the last value becomes the metric's point, minimum,
maximum, average and deviation metrics of their own (``loss/min``). S3 addresses stay pointers.

Shapes: DescribeTrialComponent and Search in the SageMaker API reference.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import numpy as np

from mlstudio.entities.errors import InvalidField
from mlstudio.entities.experiments import ArtifactRef, CodeRecord
from mlstudio.entities.names import is_name, legal_name
from mlstudio.entities.status import COMPONENT_MOVES
from mlstudio.entities.wire import MAX_INT
from mlstudio.experiments.capture import without_credentials
from mlstudio.experiments.importers import places, texts
from mlstudio.experiments.importers.found import Candidate, FoundRun, Source
from mlstudio.experiments.importers.tally import Tally
from mlstudio.experiments.values import as_param, clean_text
from mlstudio.store.batch import SeriesPoints

MAX_FILE: Final = 1 << 28
_STATISTICS: Final = {"Min": "min", "Max": "max", "Avg": "avg", "StdDev": "std_dev"}


class SmexperimentsSource(Source):
    """Reader of JSON files.

    Args:
        root: a file, or a folder of ``.json`` files.
        tally: told of trouble.

    Raises:
        InvalidField: there is no trial component in them.
    """

    def __init__(self, root: Path, tally: Tally) -> None:
        self.root, self.tally = root, tally
        self._components: dict[str, dict[str, Any]] = {}
        for path in [root] if root.is_file() else sorted(root.rglob("*.json")):
            for one in self._in(path):
                self._components[str(one["TrialComponentName"])] = one
        if not self._components:
            raise InvalidField(
                f"There are no trial components in {root}.",
                field="source",
                hint="Save what `aws sagemaker search --resource ExperimentTrialComponent` prints, as JSON.",
            )

    def _in(self, path: Path) -> Iterator[dict[str, Any]]:
        """Yield the components of a file."""
        try:
            body = places.read(path, MAX_FILE + 1)
            if len(body) > MAX_FILE:
                raise ValueError(f"larger than {MAX_FILE >> 20} MB")
            document = json.loads(body.decode("utf-8", "replace"))
        except OSError as error:
            self.tally.skip(f"file {path.name}", f"it cannot be read: {error.strerror}")
            return
        except (ValueError, RecursionError) as error:
            self.tally.skip(f"file {path.name}", f"no JSON: {str(error)[:200]}")
            return
        listed = document
        if isinstance(document, dict):
            listed = document.get("Results", [document])
        for one in listed if isinstance(listed, list) else []:
            found = one.get("TrialComponent", one) if isinstance(one, dict) else None
            if isinstance(found, dict) and isinstance(found.get("TrialComponentName"), str):
                yield found
            else:
                self.tally.skip("entry", "it is no trial component")

    def candidates(self) -> list[Candidate]:
        """Return the components by name."""
        found = []
        for name, one in self._components.items():
            parents: Any = one.get("Parents")
            ups = [up for up in parents if isinstance(up, dict)] if isinstance(parents, list) else []
            home = next((str(up["ExperimentName"]) for up in ups if up.get("ExperimentName")), "")
            said = json.dumps(one, sort_keys=True, default=str)
            fits = is_name(name) and len(name) <= 100
            digest = hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:8]
            found.append(
                Candidate(
                    source_id=name if fits else f"{legal_name(name)[:90].strip('-')}-{digest}",
                    experiment=home or self.root.stem,
                    name=str(one.get("DisplayName") or name),
                    fingerprint=hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:32],
                    load=self._loader(one),
                )
            )
        return found

    def _loader(self, one: dict[str, Any]) -> Callable[[str | None], FoundRun]:
        def load(_last: str | None) -> FoundRun:
            return self._load(one)

        return load

    def _load(self, one: dict[str, Any]) -> FoundRun:
        run = FoundRun()
        for name, value in _mapping(one.get("Parameters")):
            key = texts.key(name, "parameter", self.tally)
            if key is None or not isinstance(value, dict):
                continue
            text, number = value.get("StringValue"), value.get("NumberValue")
            if isinstance(number, (int, float)):
                whole = isinstance(number, float) and number.is_integer() and abs(number) < MAX_INT
                run.params[key] = as_param(int(number) if whole else number)
            elif isinstance(text, str):
                run.params[key] = texts.bounded(text, f"parameter {key}", self.tally)
        for field, refs in (("InputArtifacts", run.inputs), ("OutputArtifacts", run.outputs)):
            for name, value in _mapping(one.get(field)):
                key = texts.key(name, "artifact", self.tally)
                if key is not None and isinstance(value, dict) and value.get("Value"):
                    kind = value.get("MediaType")
                    refs[key] = ArtifactRef(clean_text(str(value["Value"]))[:4096], str(kind) if kind else None)
        tags = one.get("Tags")
        for tag in tags if isinstance(tags, list) else []:
            if isinstance(tag, dict) and tag.get("Key"):
                run.tags[clean_text(str(tag["Key"]))[: texts.MAX_KEY]] = texts.bounded(
                    str(tag.get("Value", "")), "tag", self.tally
                )
        self._source(run, one)
        self._points(run, one)
        self._end(run, one)
        return run

    def _source(self, run: FoundRun, one: dict[str, Any]) -> None:
        source, meta = dict(_mapping(one.get("Source"))), dict(_mapping(one.get("MetadataProperties")))
        if source.get("SourceArn"):
            run.tags["sagemaker:source-arn"] = clean_text(str(source["SourceArn"]))[:2048]
        commit, remote = meta.get("CommitId"), meta.get("Repository")
        if commit or remote:
            run.code = CodeRecord(
                git_commit=clean_text(str(commit))[:200] if commit else None,
                git_remote=clean_text(without_credentials(str(remote)))[:2000] if remote else None,
            )

    def _points(self, run: FoundRun, one: dict[str, Any]) -> None:
        metrics = one.get("Metrics")
        for said in metrics if isinstance(metrics, list) else []:
            name = (
                texts.key(str(said.get("MetricName") or ""), "metric", self.tally) if isinstance(said, dict) else None
            )
            if name is None:
                continue
            count = said.get("Count")
            many = isinstance(count, int) and count > 1
            step = count - 1 if many and isinstance(count, int) else 0
            seconds = (_micros(said.get("TimeStamp")) or 0) / 1e6
            values = {name: said.get("Last")}
            if many:
                values |= {f"{name}/{short}": said.get(word) for word, short in _STATISTICS.items()}
                self.tally.skip("points of a metric", "the service gives only its summary", step)
            for key, value in values.items():
                if isinstance(value, (int, float)):
                    run.points.append(
                        SeriesPoints(key, "{}", np.array([step]), np.array([seconds]), np.array([float(value)]))
                    )

    def _end(self, run: FoundRun, one: dict[str, Any]) -> None:
        status = dict(_mapping(one.get("Status")))
        primary = str(status.get("PrimaryStatus") or "Completed")
        run.status = primary if primary in COMPONENT_MOVES else "Completed"  # type: ignore[assignment]  # one of them
        message = status.get("Message")
        run.message = clean_text(str(message))[:3072] if message else None
        run.start = _micros(one.get("StartTime")) or _micros(one.get("CreationTime"))
        run.end = _micros(one.get("EndTime")) or _micros(one.get("LastModifiedTime"))


def _mapping(value: Any) -> list[tuple[str, Any]]:
    return [(str(key), item) for key, item in value.items()] if isinstance(value, dict) else []


def _micros(moment: Any) -> int | None:
    """Return microseconds since the epoch of a time as the command line prints it: ISO 8601, or seconds."""
    if isinstance(moment, (int, float)) and not isinstance(moment, bool) and abs(moment) < 2**33:
        return round(moment * 1e6)
    if isinstance(moment, str):
        try:
            return round(datetime.fromisoformat(moment).timestamp() * 1e6)
        except (ValueError, OverflowError, OSError):
            return None
    return None
