"""What clients are told when something goes wrong.

A sentence that is meant for them, with a code in `extensions`. Everything else is masked: the
answer holds an id, under which the log has the traceback.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import uuid4

import structlog
from graphql import GraphQLError, GraphQLSyntaxError
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import InvalidOperationTypeError

from live.ends import ShuttingDown
from models.ids import MalformedId
from models.transactions import is_passing
from resolvers.errors import ApiError

BAD_INPUT = "BAD_INPUT"
FORBIDDEN = "FORBIDDEN"
INTERNAL = "INTERNAL"
INTERRUPTED = "INTERRUPTED"
LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
UNAVAILABLE = "UNAVAILABLE"
VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"

#: Characters of one message. GraphQL's own messages repeat what they complain about, which can be
#: megabytes; what is expected stands at the end, so the middle is left out.
MAX_MESSAGE = 1_000

_log = structlog.get_logger(__name__)


def tell_all(errors: Iterable[GraphQLError], own: str = BAD_INPUT) -> None:
    """Make errors fit to be told, in place; those that are already stay as they are.

    `own` is the code of what GraphQL itself finds wrong before anything runs.
    """
    for error in errors:
        if not code_of(error):
            _tell(error, own)


def limit_exceeded(
    setting: str, allowed: float, expected: str, got: object = "more", argument: str = ""
) -> GraphQLError:
    """The error that says which limit was exceeded, by the name of its setting, and how much."""
    where = f"{argument}: " if argument else ""
    return GraphQLError(
        f"{where}expected {expected}, got {got} ({setting})",
        extensions={"code": LIMIT_EXCEEDED, "setting": setting, "limit": allowed},
    )


def took_too_long(seconds: float, is_query: bool) -> GraphQLError:
    """The error of an operation that was cut off; its path says that it was begun."""
    what = f"an operation of at most {seconds:g} s"
    return _ended("MAX_OPERATION_SECONDS", seconds, what, is_query)


def answer_too_large(size: int, is_query: bool) -> GraphQLError:
    """The same of one whose answer would have been larger than `size` bytes."""
    return _ended("MAX_ANSWER_BYTES", size, f"an answer of at most {size:,} bytes", is_query)


def _ended(setting: str, allowed: float, expected: str, is_query: bool) -> GraphQLError:
    done = "" if is_query else "; it may still be done, and to tell it again changes nothing more"
    error = limit_exceeded(setting, allowed, expected + done)
    error.path = []
    return error


def code_of(error: GraphQLError) -> str:
    """The code of an error that was made fit to be told."""
    return str((error.extensions or {}).get("code", ""))


def _tell(error: GraphQLError, own: str) -> None:
    message, code = _words(error, _cause(error), own)
    error.message = _fit(message)
    error.extensions = {"code": code}
    if code == INTERNAL:
        error.extensions["errorId"] = _log_internal(error)


def _cause(error: GraphQLError) -> BaseException:
    """What was raised, without the GraphQLErrors that it was wrapped in on its way up."""
    cause: BaseException = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    return cause


def _words(error: GraphQLError, cause: BaseException, own: str) -> tuple[str, str]:
    match cause:
        case ApiError():
            return cause.message, cause.code
        case ShuttingDown():
            return "the service restarts; come back with your last cursor", INTERRUPTED
        case MalformedId():
            return str(cause), BAD_INPUT
        case InvalidOperationTypeError() | MissingQueryError():
            return error.message, BAD_INPUT
        case RecursionError():
            return "the operation is nested too deeply", BAD_INPUT
        case GraphQLSyntaxError():
            return error.message, PARSE_FAILED
        case GraphQLError() | ValueError() if error.path is None:
            # A ValueError is a literal that GraphQL's own scalars do not take: 5,000 digits.
            return error.message, own
        case GraphQLError() if error.message.startswith("Argument '"):
            # Arguments are checked when their field is due. What else GraphQL finds then is wrong
            # with our answer.
            return error.message, BAD_INPUT
    if is_passing(cause):
        _log.warning("database unavailable", path=error.path, error=repr(cause))
        return "the database does not answer; try again later", UNAVAILABLE
    return "internal error", INTERNAL


def _fit(message: str) -> str:
    """Bounded, and without the lone surrogates that no encoder of JSON takes."""
    if len(message) > MAX_MESSAGE:
        half = MAX_MESSAGE // 2
        message = f"{message[:half]} … {message[-half:]}"
    return message.encode("utf-8", "backslashreplace").decode()


def _log_internal(error: GraphQLError) -> str:
    error_id = uuid4().hex
    _log.error("internal error", error_id=error_id, path=error.path, exc_info=_cause(error))
    return error_id
