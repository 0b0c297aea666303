"""What one document may ask for. Each bound is a setting; docs/limits.md has them in a table."""

from __future__ import annotations

from dataclasses import Field, dataclass, field, fields
from functools import lru_cache
from typing import Any

from graph.errors import FORBIDDEN, LIMIT_EXCEEDED
from graph.json_text import MAX_JSON_DEPTH
from resolvers.pages import DEFAULT_PAGE, MAX_PAGE
from resolvers.read_logs import DEFAULT_LINES, MAX_LINES
from resolvers.viewer import Role


class BadLimit(ValueError):
    """A limit that cannot be; the sentence names it, what was expected and what came."""


@dataclass(frozen=True, slots=True)
class Bound:
    """What is known of a limit besides its default."""

    #: What it bounds, and why by this number.
    why: str
    #: What becomes of whoever goes beyond it: a code, a status or a close code.
    beyond: str
    least: float | None = None
    most: float | None = None


def limit(
    default: Any, why: str, beyond: str, *, least: float | None = None, most: float | None = None
) -> Any:
    """A field that is a setting: MAX_DEPTH in the environment, --max-depth on the command line."""
    return field(default=default, metadata={"bound": Bound(why, beyond, least, most)})


def bound_of(limit: Field[Any]) -> Bound:
    bound: Bound = limit.metadata["bound"]
    return bound


def setting_name(limit: Field[Any]) -> str:
    """As it stands in the environment, and in the errors that clients get."""
    return limit.name.upper()


def check_bounds(limits: Any) -> None:
    """See that each number of a group of limits is one that can be. Raises BadLimit."""
    for each in fields(limits):
        bound, value = bound_of(each), getattr(limits, each.name)
        if bound.least is not None and value < bound.least:
            raise BadLimit(
                f"{setting_name(each)}: expected at least {bound.least:g}, got {value:g}"
            )
        if bound.most is not None and value > bound.most:
            raise BadLimit(f"{setting_name(each)}: expected at most {bound.most:g}, got {value:g}")


@dataclass(frozen=True, slots=True)
class DocumentLimits:
    """What one operation may ask for. Where nothing else is said each counts per document, a
    fragment's content once for each place that spreads it."""

    max_document_length: int = limit(
        32_768,
        "Characters. The parser looks at each, and everybody waits for it.",
        LIMIT_EXCEEDED,
        least=2_048,
    )
    max_tokens: int = limit(
        3_000,
        "Words, brackets, values and comments. Parsing takes about ten microseconds each.",
        LIMIT_EXCEEDED,
        least=300,
    )
    max_number_length: int = limit(
        400,
        "Characters of one number that stands in a document: a double has 309 digits. The parser "
        "looks at each; longer ones are for variables.",
        LIMIT_EXCEEDED,
        least=20,
    )
    max_depth: int = limit(
        25,
        "Fields inside one another. The introspection query of common clients has 15.",
        LIMIT_EXCEEDED,
        least=1,
        most=50,
    )
    max_value_depth: int = limit(
        MAX_JSON_DEPTH,
        "Values inside one another in an argument or a default: the levels of a value that is "
        "kept. The parser takes a level of its stack for each.",
        LIMIT_EXCEEDED,
        least=8,
        most=MAX_JSON_DEPTH,
    )
    max_variable_values: int = limit(
        10_000,
        "Values in the variables of a query or a subscription: every list of a filter, full. Each "
        "is looked at before anything else is. What mutations take has bounds of its own.",
        LIMIT_EXCEEDED,
        least=100,
    )
    max_fields: int = limit(
        500,
        "Twice those of that query. Comparing those of one name takes the square of their number.",
        LIMIT_EXCEEDED,
        least=1,
    )
    max_root_fields: int = limit(
        20,
        "Fields of the operation itself: each is a call, and each mutation a transaction.",
        LIMIT_EXCEEDED,
        least=1,
    )
    max_aliases: int = limit(
        50,
        "Fields with a name of the client's own: the same, asked for again and again.",
        LIMIT_EXCEEDED,
        least=0,
    )
    max_directives: int = limit(
        50,
        "Directives: @include and @skip are looked at for each row.",
        LIMIT_EXCEEDED,
        least=0,
    )
    max_fragments: int = limit(
        200,
        "Places that spread a fragment, inline or named. One for each component of a large page.",
        LIMIT_EXCEEDED,
        least=0,
        most=300,
    )
    max_cost: int = limit(
        50_000,
        "Values in the largest answer that can come, see below: three times the largest page of "
        "runs with all that belongs to them, and 1,000 log lines of each step of a run.",
        LIMIT_EXCEEDED,
        least=100,
    )
    max_page_size: int = limit(
        MAX_PAGE,
        "`first` and `last` of a list: what a client renders at once.",
        LIMIT_EXCEEDED,
        least=DEFAULT_PAGE,
        most=MAX_PAGE,
    )
    max_log_page_size: int = limit(
        MAX_LINES,
        "The same of a log.",
        LIMIT_EXCEEDED,
        least=DEFAULT_LINES,
        most=MAX_LINES,
    )
    max_operation_seconds: float = limit(
        25.0,
        "Of a query or mutation, below the 30 s that clients commonly wait. A mutation that is "
        "committing goes on. Subscriptions have no such end.",
        LIMIT_EXCEEDED,
        least=0.01,
    )
    max_answer_bytes: int = limit(
        32 * 1024 * 1024,
        "Of the answer to a query or mutation, counted as it is made: its texts, and 16 for each "
        "value. Eight of the largest pages of a log. Memory holds it three times.",
        LIMIT_EXCEEDED,
        least=65_536,
    )
    refusal_seconds: float = limit(
        0.1,
        "So much later is an operation answered that goes beyond one of these: who asks for too "
        "much, again and again, leaves the time between to others.",
        "the answer waits",
        least=0,
        most=10,
    )
    introspection_roles: str = limit(
        ",".join(role.lower() for role in Role),
        "Roles that may ask for the schema, separated by commas; `none` for nobody. Others are "
        "not told what names there are by suggestions either.",
        FORBIDDEN,
    )

    @property
    def introspecting(self) -> frozenset[Role]:
        """The roles that may ask for the schema. Raises BadLimit."""
        return _roles(self.introspection_roles)

    def check(self) -> None:
        """See that each can be. Raises BadLimit."""
        check_bounds(self)
        _roles(self.introspection_roles)


@lru_cache(maxsize=16)
def _roles(text: str) -> frozenset[Role]:
    names = [name.strip().lower() for name in text.split(",")]
    if names == ["none"]:
        return frozenset()
    known = {role.lower(): role for role in Role}
    for name in names:
        if name not in known:
            expected = ", ".join(known)
            raise BadLimit(
                f"INTROSPECTION_ROLES: expected some of {expected}, or none, got {name[:60]!r}"
            )
    return frozenset(known[name] for name in names)


#: Unless told otherwise.
DOCUMENT_LIMITS = DocumentLimits()
