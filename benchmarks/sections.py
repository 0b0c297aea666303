"""The sections of the table, each of which can be measured alone."""

from __future__ import annotations

from enum import StrEnum


class Section(StrEnum):
    LISTING = "list"
    PAGES = "pages"
    LOGS = "logs"
    FILTERS = "filters"
    APPENDING = "appending"
    FOLLOWING = "following"
    ARRIVING = "arriving"
    FAN_OUT = "fan-out"
    MEMORY = "memory"
    MANY_RUNS = "many-runs"
    STORING = "storing"
    COMPRESSION = "compression"
    GREEDY = "greedy"
    REDACTION = "redaction"


#: Those that need the list of runs.
OF_THE_LIST = frozenset({Section.LISTING, Section.PAGES, Section.FILTERS})
#: Those that need the long log as well.
OF_WHAT_IS_STORED = OF_THE_LIST | {Section.LOGS}
#: Measured on PostgreSQL only: for lack of COPY elsewhere, or since what they cost is not the
#: database's, and a benchmark shall not take longer than it must.
ON_POSTGRES = frozenset(
    {
        *(Section.ARRIVING, Section.FAN_OUT, Section.MEMORY, Section.MANY_RUNS),
        *(Section.STORING, Section.COMPRESSION, Section.GREEDY, Section.REDACTION),
    }
)


def sections_on(kind: str, only: Section | None) -> frozenset[Section]:
    """What is measured on a database, `sqlite` or `postgres`, where one or all are asked for."""
    asked = {only} if only else set(Section)
    return frozenset(asked if kind == "postgres" else asked - ON_POSTGRES)
