"""What goes wrong and is told to the client, in its two forms.

A `userError` tells of the state of data and travels in a mutation's payload. Everything else, such
as a malformed cursor, is a GraphQL error with `extensions.code`. Both are sentences that name
the field, what was expected and what came.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from models.run import Run

#: Characters of a client's own text that an error repeats: enough to recognise it by.
MAX_ECHO = 60


class ApiError(Exception):
    """A GraphQL error whose sentence is meant for the client."""

    code = "BAD_INPUT"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class BadInput(ApiError):
    """An argument that cannot be: names the field, what was expected and what came."""

    def __init__(self, field: str, expected: str, got: object) -> None:
        super().__init__(f"{field}: expected {expected}, got {echo(got)}")
        self.field = field


class Forbidden(ApiError):
    """Something that who asks may not do."""

    code = "FORBIDDEN"


#: What whoever did not say who they are is told, behind what it takes a login for.
NO_LOGIN = "expected a login: a token in Authorization, or a cookie"


class Unauthenticated(ApiError):
    """Something that takes a login, of somebody who has none."""

    code = "UNAUTHENTICATED"


class Unavailable(ApiError):
    """Something that cannot be told at the moment; another try may succeed."""

    code = "UNAVAILABLE"


class NotFound(ApiError):
    """Something that a stream was asked for and that is not there."""

    code = "NOT_FOUND"


class Phrase(str):
    """Words of ours about what came, such as `101 ids`: they stand in a sentence unquoted."""

    __slots__ = ()


def counted(count: int, noun: str) -> Phrase:
    """`101 ids`."""
    return Phrase(f"{count} {noun}")


def echo(value: object) -> str:
    """What came, fit to stand in a sentence: a client's text is quoted and shortened."""
    if isinstance(value, Phrase):
        return str(value)
    if isinstance(value, str):
        cut = value if len(value) <= MAX_ECHO else value[:MAX_ECHO] + "…"
        return ascii(cut) if any("\ud800" <= c <= "\udfff" for c in cut) else repr(cut)
    text = str(value)
    return text if len(text) <= MAX_ECHO else text[:MAX_ECHO] + "…"


class UserErrorCode(StrEnum):
    NOT_FOUND = "NOT_FOUND"
    INVALID = "INVALID"
    CONFLICT = "CONFLICT"
    RUN_ENDED = "RUN_ENDED"
    RUN_ACTIVE = "RUN_ACTIVE"
    STALE_ATTEMPT = "STALE_ATTEMPT"
    OFFSET_GAP = "OFFSET_GAP"
    OFFSET_CONFLICT = "OFFSET_CONFLICT"
    LOGS_MISSING = "LOGS_MISSING"
    COUNT_CHANGED = "COUNT_CHANGED"


@dataclass(frozen=True, slots=True)
class UserError:
    """One entry of a payload's `userErrors`; `field` is the path of the input that it is about."""

    code: UserErrorCode
    message: str
    field: tuple[str, ...] | None = None
    node_id: str | None = None


class Refused(Exception):
    """Raised inside a mutation: nothing of it is done, and the payload carries this error."""

    def __init__(
        self,
        code: UserErrorCode,
        message: str,
        *field: str,
        node_id: str | None = None,
        next_offset: int | None = None,
        run: Run | None = None,
    ) -> None:
        super().__init__(message)
        self.error = UserError(code, message, field or None, node_id)
        #: Beside OFFSET_GAP and OFFSET_CONFLICT: the offset that is expected.
        self.next_offset = next_offset
        #: Beside RUN_ENDED: the run as it is, for the payload.
        self.run = run


def invalid(field: tuple[str, ...], expected: str, got: object) -> Refused:
    """A refusal of one field's value."""
    return Refused(
        UserErrorCode.INVALID, f"{'.'.join(field)}: expected {expected}, got {echo(got)}", *field
    )
