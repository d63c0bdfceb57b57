"""Lineage for people: what a run was made from, what was made from it, and edges of one's own.

    graph = mlstudio.lineage("cnn-5")
    print(graph)                       # upstream, the run, downstream
    graph.upstream, graph.downstream   # vertices, nearest first
    graph.to_frame()                   # one row per edge

`Association` has SageMaker's shape (`create`, `delete`, `list`). Edges go from cause to effect.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from mlstudio.entities import lineage as words
from mlstudio.entities.errors import InvalidField
from mlstudio.entities.lineage import AssociationType, LineageEdge, LineageQuery, LineageVertex
from mlstudio.experiments.records import component_name, the_store
from mlstudio.store.rules import arn

if TYPE_CHECKING:
    import pandas as pd

_DIRECTIONS = {"up": "Ascendants", "down": "Descendants", "both": "Both"}


@dataclass(frozen=True)
class LineageGraph:
    """What was reached from a start.

    Attributes:
        start: ARN of the vertex where the walk began.
        vertices: by level; negative upstream, 0 the start, positive downstream.
        edges: from cause to effect, by ARN.
        truncated: 5,000 vertices were not enough.
    """

    start: str
    vertices: tuple[LineageVertex, ...]
    edges: tuple[LineageEdge, ...]
    truncated: bool

    @property
    def upstream(self) -> list[LineageVertex]:
        """What the start was made from, nearest first."""
        return sorted((one for one in self.vertices if one.level < 0), key=lambda one: -one.level)

    @property
    def downstream(self) -> list[LineageVertex]:
        """What was made from the start, nearest first."""
        return [one for one in self.vertices if one.level > 0]

    def to_frame(self) -> pd.DataFrame:
        """Return one row per edge: source, type, dest, and the kind of both ends."""
        import pandas as pd

        known = {one.arn: one for one in self.vertices}
        columns = ["source", "type", "dest", "source_kind", "dest_kind"]
        rows = [
            (known[e.source].label, e.type, known[e.dest].label, known[e.source].kind, known[e.dest].kind)
            for e in self.edges
        ]
        return pd.DataFrame(rows, columns=columns)

    def __iter__(self) -> Iterator[LineageVertex]:
        return iter(self.vertices)

    def __str__(self) -> str:
        first = min((one.level for one in self.vertices), default=0)
        lines = [f"{'  ' * (one.level - first)}{one.label}  ({_said(one)})" for one in self.vertices]
        return "\n".join([*lines, *(["… and more than 5,000 others"] if self.truncated else [])])


def _said(one: LineageVertex) -> str:
    status = f", {one.status}" if one.status else ""
    return ("run" if one.kind == "trial-component" else one.kind) + status


def lineage(
    run_or_name: object, direction: Literal["up", "down", "both"] | words.Direction = "both", depth: int = 10
) -> LineageGraph:
    """Return what a run was made from and what was made from it.

    Args:
        run_or_name: a run, a trial component, its name, or any ARN (an artifact's too).
        direction: ``up``, ``down`` or ``both``; SageMaker's ``Ascendants``, ``Descendants``, ``Both`` do too.
        depth: steps to go, 1 to 50.

    Raises:
        NotFound: there is no such component or artifact.
        InvalidField: an unknown direction, or a depth outside the limits.
    """
    chosen = _DIRECTIONS.get(str(direction).lower(), direction)
    if chosen not in get_args(words.Direction):
        raise InvalidField(f"{direction!r} is no direction.", field="direction", hint="Use up, down or both.")
    if isinstance(depth, bool) or not isinstance(depth, int) or not 1 <= depth <= 50:
        raise InvalidField(f"A depth of {depth!r} is not possible.", field="depth", hint="Use 1 to 50.")
    start = _arn_of(run_or_name)
    reply = the_store().lineage(LineageQuery(start=start, direction=chosen, depth=depth))  # type: ignore[arg-type]
    (first,) = (one.arn for one in reply.vertices if one.level == 0)
    return LineageGraph(first, tuple(reply.vertices), tuple(reply.edges), reply.truncated)


def _arn_of(one: object) -> str:
    if isinstance(one, str) and one.startswith("arn:"):
        return one
    flush = getattr(one, "flush", None)
    if callable(flush):
        flush(2.0)
    return arn(the_store().uid, "trial-component", component_name(one))


@dataclass(frozen=True)
class Association:
    """An edge that somebody stated, as in SageMaker.

    Attributes:
        source_arn: the cause.
        destination_arn: the effect.
        association_type: ContributedTo, AssociatedWith, DerivedFrom, Produced or SameAs.
    """

    source_arn: str
    destination_arn: str
    association_type: AssociationType = "AssociatedWith"

    @classmethod
    def create(
        cls, source_arn: object, destination_arn: object, association_type: AssociationType = "AssociatedWith"
    ) -> Association:
        """State an edge; stating it again changes nothing.

        Args:
            source_arn: the cause: an ARN, a run, or the name of a component.
            destination_arn: the effect, likewise.
            association_type: one of SageMaker's words.

        Raises:
            InvalidField: an unknown type, or an edge to itself.
        """
        if association_type not in get_args(AssociationType):
            hint = f"Use {', '.join(get_args(AssociationType))}."
            raise InvalidField(f"{association_type!r} is no type.", field="association_type", hint=hint)
        made = cls(_arn_of(source_arn), _arn_of(destination_arn), association_type)
        the_store().add_association(made._wire())
        return made

    @classmethod
    def list(cls, arn_or_run: object) -> list[Association]:
        """Return the stated edges that touch a run, a component or an ARN."""
        found = the_store().associations(_arn_of(arn_or_run))
        return [cls(one.source_arn, one.dest_arn, one.type) for one in found]

    def delete(self) -> None:
        """Take the edge back. Raises: NotFound."""
        the_store().remove_association(self._wire())

    def _wire(self) -> words.Association:
        return words.Association(self.source_arn, self.destination_arn, self.association_type)
