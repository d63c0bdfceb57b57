"""What `Tracker` and `Run` share: one component, its recorder, and when it starts and ends.

Promises: no method here raises into user code because of the store or the disk: what cannot be
kept is counted and one warning is logged. Mistakes that a caller can mend (a file that is not
there, SageMaker's limits in strict mode) do raise.

Parameters, tags, notes, artifacts and metrics are written at once; a crash later loses none. What
was never closed is closed by the store's recorder when the interpreter ends.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mlstudio.entities.errors import InvalidField, StudioError
from mlstudio.entities.experiments import ArtifactRef, ComponentCreate, ComponentRecord
from mlstudio.entities.secrets import masked
from mlstudio.entities.status import ComponentStatus
from mlstudio.experiments import files
from mlstudio.experiments.context import rank
from mlstudio.experiments.media_calls import MediaCalls
from mlstudio.experiments.records import the_store
from mlstudio.experiments.settings import check_artifact, check_message, check_metric, check_parameters, settings
from mlstudio.experiments.summaries import TrialComponentArtifact
from mlstudio.experiments.trial_component import TrialComponent
from mlstudio.experiments.values import as_param, clean_text
from mlstudio.store.home import default_home, default_url

if TYPE_CHECKING:
    from mlstudio.experiments.capture import Capture
    from mlstudio.store.laws import Store
    from mlstudio.store.recorder import Recorder

_log = logging.getLogger("mlstudio.experiments")
JOB_COMPONENT: Final = "MLSTUDIO_TRIAL_COMPONENT"


class Recording(MediaCalls):
    """A trial component that is being written.

    Args:
        wanted: the component; `uid` is set.
        record: what the store holds already, None when the store could not be asked.
        ours: whether start and end are ours to tell; a job's are told by its supervisor.
        prepare: makes sure, before each drain, that what the component hangs on exists.
        capture: record code and environment when it starts.
    """

    def __init__(
        self,
        wanted: ComponentCreate,
        record: ComponentRecord | None,
        *,
        ours: bool = True,
        prepare: Callable[[Store], None] | None = None,
        capture: bool = False,
    ) -> None:
        self._wanted = wanted
        self._record = record
        self._ours = ours
        self._prepare = prepare
        self._capture = capture
        self._captured: Capture | None = None
        self._starts = ours and (record is None or record.status is None)
        self._home = default_home()
        self._url = default_url(self._home)
        self._begun = False
        self._recorder: Recorder | None = None
        self._lock = threading.RLock()
        self._rank = _rank_context()
        self._component: TrialComponent | None = None
        self._lost = 0

    # -- identity

    @property
    def component_name(self) -> str:
        """Name of the trial component that is written."""
        return self._wanted.name

    @property
    def component_uid(self) -> str:
        """Id of that component; its log lies in a folder of this name."""
        return (self._wanted.uid or "") if self._record is None else self._record.uid

    @property
    def trial_component(self) -> TrialComponent:
        """The component as a record; what is logged here shows in it at once.

        Raises:
            StudioError: it was never read and the store cannot be reached.
        """
        with self._lock:
            if self._component is None:
                self.flush()
                self._component = TrialComponent(the_store().get_component(self.component_name))
            return self._component

    # -- life

    def _ready(self) -> Recorder:
        """Return the recorder, opened at the first call; starts the component if nobody did."""
        return self._recorder or self._begin(start=self._starts)

    def _begin(self, *, start: bool) -> Recorder:
        """Open the recorder; with `start` the component is ours to begin and to end."""
        from mlstudio.experiments import capture as capturing
        from mlstudio.experiments import system
        from mlstudio.store.recorder import Recorder

        with self._lock:
            if self._recorder is not None and (self._begun or not start):
                return self._recorder
            if self._recorder is not None:
                system.forget(self._recorder)
                self._recorder.close()
            self._recorder = Recorder(self._wanted, home=self._home, store=self._drain_store, adopt=not start)
            if start:
                self._begun = True
                self._recorder.status("InProgress", resume=True)
                if self._capture and settings.capture and self._captured is None:
                    self._captured = capturing.start(self.component_name)
            if start or self._wanted.name == os.environ.get(JOB_COMPONENT):  # not what is only added to
                system.watch(self._recorder, self._rank)
            return self._recorder

    def _drain_store(self) -> Store:
        from mlstudio.store import open_store

        store = open_store(self._url)  # where it began, whatever the environment says by now
        if self._prepare is not None:
            self._prepare(store)
            self._prepare = None
        return store

    def _end(self, status: ComponentStatus, message: str | None = None) -> None:
        """Write the last of it; twice is once."""
        from mlstudio.experiments import system

        if self._captured is not None:
            self._captured.wait()
        with self._lock:
            recorder, self._recorder = self._recorder, None
            if recorder is None:
                return
            system.forget(recorder)
            if self._begun:
                recorder.close(status, check_message(message))
            else:
                recorder.close()
            self._begun = self._starts = False
            self._lost += recorder.dropped
            if self._component is not None:
                self._save(self._component)

    def _save(self, component: TrialComponent) -> None:
        """Store what the user changed on the record itself (as SageMaker does at the end), and read it again."""
        try:
            component.save()
        except StudioError as error:
            _log.warning("Changes of the component %s were not saved: %s", self.component_name, error)

    def flush(self, timeout: float = 10.0) -> bool:
        """Wait until what was logged is in the store; False when it is not after `timeout` seconds."""
        recorder = self._recorder
        return recorder is None or recorder.flush(timeout)

    @property
    def dropped(self) -> int:
        """Log calls that were lost: the disk was full, or a value was no number."""
        recorder = self._recorder
        return self._lost + (0 if recorder is None else recorder.dropped)

    def _count_lost(self) -> None:
        with self._lock:
            self._lost += 1

    # -- what is logged

    def log_parameter(self, name: str, value: Any) -> None:
        """Record a parameter: number, truth value or text; other values as their text."""
        self.log_parameters({name: value})

    def log_parameters(self, parameters: Mapping[str, Any]) -> None:
        """Record many parameters in one transaction."""
        params = {clean_text(str(name)): as_param(value) for name, value in parameters.items()}
        if settings.strict:
            check_parameters(parameters, present=len(self.trial_component.parameters))
        self._ready().params(params)
        if self._component is not None:
            self._component.parameters.update(params)

    def _log_metric(self, name: str, value: Any, timestamp: Any, step: Any) -> None:
        if settings.strict:
            check_metric(name, value)
        self._ready().log(name, value, step, timestamp, self._rank)

    def _log_pointer(self, direction: str, name: str, ref: ArtifactRef) -> None:
        name = clean_text(str(name))
        if settings.strict:
            present = self.trial_component
            check_artifact(
                name, present=len(present.input_artifacts if direction == "input" else present.output_artifacts)
            )
        self._ready().artifact(direction, name, ref)
        if self._component is not None:
            shown = TrialComponentArtifact.of(ref)
            held = self._component.input_artifacts if direction == "input" else self._component.output_artifacts
            held[name] = shown

    def _log_file(self, direction: str, path: str | os.PathLike[str], name: str | None, media_type: str | None) -> None:
        """Copy a file or a folder into the artifact store and record it.

        Raises:
            InvalidField: there is no such file.
        """
        source = Path(path)
        if not source.exists():
            raise InvalidField(f"There is no file {str(source)!r}.", field="file_path", hint="Check the path.")
        with self._artifact_fault(str(source)):
            self._log_pointer(direction, name or source.name, files.stored(source, media_type))

    def _log_document(self, direction: str, name: str, document: Mapping[str, Any]) -> None:
        """Record a JSON document (a table, a curve, a matrix) as an artifact."""
        with self._artifact_fault(name):
            self._log_pointer(direction, name, files.stored_json(document))

    def log_artifacts(self, directory: str | os.PathLike[str], media_type: str | None = None) -> None:
        """Record every file of a folder as an output, under its path within the folder.

        Args:
            directory: searched with its sub-folders; symbolic links are not followed.
            media_type: of all of them; None: guessed from each name.

        Raises:
            InvalidField: there is no such folder.
        """
        root = Path(directory)
        if not root.is_dir():
            raise InvalidField(f"There is no folder {str(root)!r}.", field="directory", hint="Check the path.")
        for path in files.regular_files(root):
            self._log_file("output", path, path.relative_to(root).as_posix(), media_type)

    @contextmanager
    def _artifact_fault(self, what: str) -> Iterator[None]:
        """A full disk or an unreadable file costs the artifact, not the training."""
        try:
            yield
        except InvalidField:
            raise
        except (OSError, StudioError) as error:
            _log.warning("The artifact %s was not recorded: %s", what, error)


def continued(record: ComponentRecord, *, trials: list[str] | None = None) -> ComponentCreate:
    """Return what a recorder needs to go on with an existing component."""
    return ComponentCreate(name=record.name, uid=record.uid, kind=record.kind, trials=trials or [])


def _rank_context() -> dict[str, Any] | None:
    """Return ``{"rank": n}`` in a distributed worker other than rank 0: its series stand beside the plain one."""
    number = rank()
    return {"rank": number} if number > 0 else None


def ending(error: BaseException | None) -> tuple[ComponentStatus, str | None]:
    """Return how a run ended that this exception, or none, went through: its status and the reason."""
    if error is None or (isinstance(error, SystemExit) and error.code in {None, 0}):
        return "Completed", None
    if isinstance(error, KeyboardInterrupt) or (
        isinstance(error, SystemExit) and isinstance(error.__context__, KeyboardInterrupt)  # Lightning's way to end
    ):
        return "Stopped", "Interrupted by the user."
    return "Failed", describe(error)


def describe(error: BaseException) -> str:
    """Return ``ValueError: the message``; a broken ``__str__`` costs the message only."""
    try:
        text = masked(clean_text(str(error)))
    except Exception:  # noqa: BLE001, RUF100 - a stranger's __str__
        text = ""
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
