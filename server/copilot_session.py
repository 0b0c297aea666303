"""In which Copilot session somebody asks, as their client says: unproven, for the audit alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.datastructures import Headers

from resolvers.errors import echo
from server.graphql_request import RequestRefused, kind_of

SESSION_HEADER = "Copilot-Session"
#: The same in the payload of `connection_init`, since browsers let no page give a socket headers.
SESSION_FIELD = "copilotSession"
#: Characters of a session's id: room for several UUIDs, and a line in a list of the audit.
MAX_SESSION = 200


def session_of_request(headers: Headers) -> str | None:
    """What a request, or a socket's opening, says; None where it says nothing.

    Raises RequestRefused.
    """
    told = headers.get(SESSION_HEADER)
    return None if told is None else _checked(SESSION_HEADER, told)


def session_of_init(payload: Mapping[str, Any]) -> str | None:
    """What `connection_init` says; None where it says nothing. Raises RequestRefused."""
    told = payload.get(SESSION_FIELD)
    return None if told is None else _checked(SESSION_FIELD, told)


def _checked(name: str, told: object) -> str:
    if not isinstance(told, str):
        raise RequestRefused(f"{name}: expected a string, got {kind_of(told)}")
    # In ASCII a header and JSON say the same; a header's other bytes are of no certain encoding.
    if not 1 <= len(told) <= MAX_SESSION or not (told.isascii() and told.isprintable()):
        expected = f"1 to {MAX_SESSION} printable characters of ASCII"
        raise RequestRefused(f"{name}: expected {expected}, got {echo(told)}")
    return told
