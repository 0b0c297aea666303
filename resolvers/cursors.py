"""Cursors: opaque texts that name a place in a list, and the list it is a place in.

A cursor is JSON in base64url without padding: `[list, place…]`. One place has one text, so what
does not come out the same when it is written again was not written here.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

import orjson

from resolvers.errors import BadInput
from resolvers.text import MAX_NAME, unstorable

#: Characters of a cursor: base64 of a name of MAX_NAME characters, each an escape of six at worst,
#: with room for the rest.
MAX_CURSOR = MAX_NAME * 8 + 400
#: What a BIGINT and an INTEGER column can hold.
MAX_BIGINT = 2**63 - 1
MAX_INTEGER = 2**31 - 1

Place = int | str


def encode_cursor(of: str, *place: Place) -> str:
    """A cursor into the list `of`."""
    return urlsafe_b64encode(orjson.dumps([of, *place])).rstrip(b"=").decode()


def decode_cursor(field: str, of: str, text: str, *kinds: type[Place]) -> list[Place]:
    """The place that a cursor into the list `of` names, one value of each of `kinds`.

    Raises BadInput that names `field`: for a text that is no cursor, and for one of another list.
    """
    content = _content(text)
    if content is None:
        raise BadInput(field, "a cursor that this service gave", text)
    if content[0] != of:
        raise BadInput(field, f"a cursor of {of}", content[0])
    place = content[1:]
    if [type(value) for value in place] != list(kinds) or not all(map(_can_be_stored, place)):
        raise BadInput(field, "a cursor that this service gave", text)
    return place


def _content(text: str) -> list[Place] | None:
    """The list written in the text; None where it is not what `encode_cursor` writes."""
    if len(text) > MAX_CURSOR:
        return None
    try:
        content = orjson.loads(urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)))
    except ValueError:
        return None
    if not isinstance(content, list) or not all(type(part) in (int, str) for part in content):
        return None
    if not content or not isinstance(content[0], str):
        return None
    # base64 skips foreign letters and JSON takes spaces: only one text is this cursor.
    return content if encode_cursor(*content) == text else None


def _can_be_stored(value: Place) -> bool:
    if isinstance(value, int):
        return -MAX_BIGINT <= value <= MAX_BIGINT
    return unstorable(value) is None


def log_cursor(run_id: UUID, sequence: int) -> str:
    """Everything up to line `sequence` of the run's unfiltered log was looked at; 0: nothing."""
    return encode_cursor(_log_of(run_id), sequence)


def parse_log_cursor(field: str, run_id: UUID, text: str) -> int:
    """The sequence in a cursor of this run's log; BadInput for any other text."""
    return _sequence(field, _log_of(run_id), text, MAX_BIGINT)


def event_cursor(run_id: UUID, sequence: int) -> str:
    """Everything up to event `sequence` of the run's history was told; 0: nothing."""
    return encode_cursor(_events_of(run_id), sequence)


def parse_event_cursor(field: str, run_id: UUID, text: str) -> int:
    """The sequence in a cursor of this run's events; BadInput for any other text."""
    return _sequence(field, _events_of(run_id), text, MAX_INTEGER)


def _sequence(field: str, of: str, text: str, most: int) -> int:
    [sequence] = decode_cursor(field, of, text, int)
    if not isinstance(sequence, int) or not 0 <= sequence <= most:
        raise BadInput(field, "a cursor that this service gave", text)
    return sequence


def _log_of(run_id: UUID) -> str:
    return f"the log of run {run_id}"


def _events_of(run_id: UUID) -> str:
    return f"the transitions of run {run_id}"
