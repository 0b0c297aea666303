"""Whether what is told is what is stored already, although secrets are not.

What was redacted cannot be compared: REDACTED stands for any text. So a call told twice is accepted
whichever patterns held when it was told first, and when redaction was turned on or off between.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from resolvers.secret_texts import REDACTED


def is_same(stored: str | None, told: str | None) -> bool:
    """Whether the stored text is the told one, maybe redacted."""
    if stored is None or told is None or stored == told:
        return stored == told
    return REDACTED in stored and _fits(stored.split(REDACTED), told)


def is_same_start(stored: str, told: str) -> bool:
    """The same for a text whose end was cut off when it was stored; what was cut is not compared.

    It may have been cut in the middle of REDACTED.
    """
    for length in range(1, len(REDACTED)):
        if stored.endswith(REDACTED[:length]):
            stored = stored[:-length]
            break
    return _fits([*stored.split(REDACTED), ""], told)


def _fits(pieces: Sequence[str], text: str) -> bool:
    """Whether the text has the pieces, in their order, the first and the last at its ends."""
    first, *middle, last = pieces
    if not text.startswith(first) or not text.endswith(last):
        return False
    at, end = len(first), len(text) - len(last)
    for piece in middle:
        found = text.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return at <= end


def is_same_json(stored: str, told: str) -> bool:
    """The same for JSON as text, where REDACTED as a whole string stands for any value."""
    return stored == told or _is_same_value(_tree(stored), _tree(told))


def _tree(text: str) -> Any:
    """Its numbers are compared digit for digit."""
    return json.loads(text, parse_int=_number, parse_float=_number)


def _number(text: str) -> tuple[str]:
    return (text,)


def _is_same_value(stored: Any, told: Any) -> bool:
    if stored == REDACTED:
        return True
    if isinstance(stored, dict) and isinstance(told, dict):
        if list(stored) != list(told):
            return False
        return all(_is_same_value(stored[name], told[name]) for name in stored)
    if isinstance(stored, list) and isinstance(told, list):
        return len(stored) == len(told) and all(map(_is_same_value, stored, told))
    if isinstance(stored, str) and isinstance(told, str):
        return is_same(stored, told)
    return type(stored) is type(told) and bool(stored == told)


def are_same_labels(stored: Iterable[tuple[str, str]], told: Iterable[tuple[str, str]]) -> bool:
    """The same for sets of labels: those of one name may have become one."""
    stored, told = list(stored), list(told)
    return all(any(_is_same_label(s, t) for t in told) for s in stored) and all(
        any(_is_same_label(s, t) for s in stored) for t in told
    )


def _is_same_label(stored: tuple[str, str], told: tuple[str, str]) -> bool:
    return stored[0] == told[0] and is_same(stored[1], told[1])
