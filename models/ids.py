"""Ids: UUIDv7 (RFC 9562) inside; `run_<uuid>`, opaque and readable, outside.

UUIDv7 begins with the milliseconds since the epoch, so that ids sort by when they were made,
new rows land at the end of every index, and tables can be split by the time in the id.
"""

from __future__ import annotations

import re
from enum import StrEnum
from uuid import UUID

from uuid_utils.compat import uuid7

_CANONICAL = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII)


class Kind(StrEnum):
    """What a global id can name: the prefix of the id."""

    RUN = "run"
    STEP = "step"
    REPORT = "report"
    SHARE = "share"
    AGENT = "agent"
    CLUSTER = "cluster"
    DELETION = "deletion"
    TOKEN = "token"
    AUDIT = "audit"


_PREFIXES = frozenset(kind.value for kind in Kind)


class MalformedId(ValueError):
    """A text that is no global id, or one of another kind. Its sentence says what was expected."""


def new_id() -> UUID:
    """A fresh UUIDv7; within one process later ones are greater."""
    return uuid7()


def global_id(kind: Kind, key: UUID) -> str:
    """The id as clients see it: `run_0199f0a4-…`."""
    return f"{kind}_{key}"


def parse_global_id(text: str) -> tuple[Kind, UUID]:
    """Take a global id apart. Exactly one text names one row: no other case, no other dashes."""
    prefix, _, key = text.partition("_")
    if prefix not in _PREFIXES or not _CANONICAL.fullmatch(key):
        raise MalformedId(f"expected an id such as run_{_EXAMPLE}, got {text[:60]!r}")
    return Kind(prefix), UUID(key)


def parse_id_of(kind: Kind, text: str) -> UUID:
    """The UUID in a global id of the given kind."""
    found, key = parse_global_id(text)
    if found is not kind:
        raise MalformedId(f"expected an id of a {kind} ({kind}_…), got one of a {found}: {text!r}")
    return key


_EXAMPLE = "0199f0a4-7c1e-7a51-9d0c-5b8f0e6a1b2c"
