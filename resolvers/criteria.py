"""What a filter is made of. Each criterion is written once and read twice.

`condition` says it to the database, for lists; `holds` says it of a row at hand, for live updates.
They stand side by side so that they stay the same; tests/resolvers/test_run_filter.py compares
both with a third, written independently.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from tortoise.expressions import Q

from models.run import Run
from resolvers.conditions import contains, where

#: By column of Run: the ids of the names that there are.
KnownIds = Mapping[str, Mapping[str, UUID]]


@dataclass(frozen=True, slots=True)
class Subject:
    """A run, with the names that its ids stand for, by column."""

    run: Run
    names: Mapping[str, str]


class Criterion(Protocol):
    """Something that a run is or is not."""

    def condition(self, known: KnownIds) -> Q:
        """The same in SQL."""

    def holds(self, subject: Subject) -> bool:
        """The same of a row at hand."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The column holds one of the values; where there are none, nothing matches."""

    column: str
    values: tuple[Any, ...]

    def stored(self, known: KnownIds) -> Sequence[Any]:
        """The values that the column may hold, each once."""
        return self.values

    def condition(self, known: KnownIds) -> Q:
        return where(self.column, **{"in": self.stored(known)})

    def holds(self, subject: Subject) -> bool:
        return getattr(subject.run, self.column) in self.values


@dataclass(frozen=True, slots=True)
class NameChoice(Choice):
    """The column holds the id of one of the names. Names that nobody has match nothing.

    The database is asked by id, where its indexes are; a row at hand by name, so that an agent or a
    cluster that was made after a subscription began matches as well.
    """

    def stored(self, known: KnownIds) -> Sequence[UUID]:
        ids = known[self.column]
        return [ids[name] for name in self.values if name in ids]

    def holds(self, subject: Subject) -> bool:
        return subject.names[self.column] in self.values


@dataclass(frozen=True, slots=True)
class Within:
    """start <= column < until; an end that is None is open."""

    column: str
    start: Any
    until: Any

    def condition(self, known: KnownIds) -> Q:
        ends = {"gte": self.start, "lt": self.until}
        return where(self.column, **{end: at for end, at in ends.items() if at is not None})

    def holds(self, subject: Subject) -> bool:
        value = getattr(subject.run, self.column)
        return (self.start is None or self.start <= value) and (
            self.until is None or value < self.until
        )


@dataclass(frozen=True, slots=True)
class Substring:
    """The column contains the text, letter for letter."""

    column: str
    text: str

    def condition(self, known: KnownIds) -> Q:
        return contains(self.column, self.text)

    def holds(self, subject: Subject) -> bool:
        return self.text in getattr(subject.run, self.column)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One of the parts, of which there is at least one."""

    parts: tuple[Criterion, ...]

    def condition(self, known: KnownIds) -> Q:
        return Q(*(part.condition(known) for part in self.parts), join_type=Q.OR)

    def holds(self, subject: Subject) -> bool:
        return any(part.holds(subject) for part in self.parts)


@dataclass(frozen=True, slots=True)
class AllOf:
    """All of the parts; where there are none, everything matches."""

    parts: tuple[Criterion, ...]

    def condition(self, known: KnownIds) -> Q:
        return Q(*(part.condition(known) for part in self.parts))

    def holds(self, subject: Subject) -> bool:
        return all(part.holds(subject) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite. The columns that filters look at are never null, so SQL's NOT is Python's."""

    part: Criterion

    def condition(self, known: KnownIds) -> Q:
        return ~Q(self.part.condition(known))

    def holds(self, subject: Subject) -> bool:
        return not self.part.holds(subject)


#: What an empty list asks for.
NOTHING = Choice("id", ())
