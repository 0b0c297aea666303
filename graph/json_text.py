"""JSON that is kept as text: the order of keys and every digit of a number survive.

A float holds 17 digits and an integer column 64 bits; what agents are given and what steps give
back may hold more, and comes back as it was told. So JSON is read into Python values whose numbers
remember their text, checked, and written again at once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, NoReturn, Self

import orjson

#: Bytes of one JSON value: inputs and outputs are parameters and results; data belongs elsewhere.
MAX_JSON_BYTES = 1024 * 1024
#: Arrays and objects inside one another: deeper ones overflow the stacks of clients' own parsers.
MAX_JSON_DEPTH = 64

#: Integers of up to this many digits fit 64 bits, whatever their digits.
_SAFE_DIGITS = 18

# NUL cannot be stored by PostgreSQL, a lone surrogate cannot be written as UTF-8.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class BadJson(ValueError):
    """A text or value that is no JSON, or more of it than is taken. Its sentence says which."""


class JsonText(str):
    """One JSON value as text, checked."""

    __slots__ = ()


class Number(float):
    """A number that remembers how it was written."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> Self:
        number = super().__new__(cls, text)
        number.text = text
        return number


def decode_json(data: str | bytes) -> Any:
    """Read JSON; numbers that Python would change become `Number`. Raises BadJson.

    Lone surrogates in strings pass: a log message may hold one, and everybody else refuses them.
    """
    try:
        text = data if isinstance(data, str) else data.decode()
        return json.loads(
            text, parse_float=Number, parse_int=_integer, parse_constant=_refuse_constant
        )
    except UnicodeDecodeError as error:
        raise BadJson(f"expected UTF-8, got a wrong byte at {error.start}") from error
    except json.JSONDecodeError as error:
        raise BadJson(f"expected JSON, got none at character {error.pos}: {error.msg}") from error
    except RecursionError:
        # Without its traceback, which would keep a thousand frames alive.
        raise BadJson("expected JSON with fewer levels: it is nested too deeply") from None


def is_deeper(value: Any, depth: int) -> bool:
    """Whether arrays and objects stand inside one another at more levels than that."""
    level = [value] if isinstance(value, (dict, list)) else []
    while level and depth:
        depth -= 1
        level = [
            inner
            for holder in level
            for inner in (holder.values() if isinstance(holder, dict) else holder)
            if isinstance(inner, (dict, list))
        ]
    return bool(level)


def holds_more(value: Any, most: int) -> bool:
    """Whether there are more values than that in it, itself and what holds others counted too."""
    count, level = 1, [value]
    while level and count <= most:
        level = [
            inner
            for holder in level
            if isinstance(holder, (dict, list))
            for inner in (holder.values() if isinstance(holder, dict) else holder)
        ]
        count += len(level)
    return count > most


def encode_json(value: Any) -> JsonText:
    """Check a value that `decode_json` read, and write it as text. Raises BadJson."""
    _check(value)
    text = orjson.dumps(value, default=_number_text)
    if len(text) > MAX_JSON_BYTES:
        raise BadJson(f"expected at most {MAX_JSON_BYTES} bytes of JSON, got {len(text)}")
    return JsonText(text.decode())


def laid_out(text: str) -> str:
    """JSON over several lines, for reading; numbers digit for digit, as `text` has them."""
    return orjson.dumps(
        decode_json(text), default=_number_text, option=orjson.OPT_INDENT_2
    ).decode()


def _integer(text: str) -> int | Number:
    # Number also keeps Python from refusing thousands of digits, and the sign of a zero.
    return Number(text) if len(text) > _SAFE_DIGITS or text == "-0" else int(text)


def _refuse_constant(name: str) -> NoReturn:
    raise BadJson(f"expected JSON, which has no {name}")


def _number_text(value: Number) -> orjson.Fragment:
    return orjson.Fragment(value.text)


def _check(value: Any) -> None:
    """See to depth and strings, level by level: no recursion that a deep value could overflow."""
    depth, level = 0, _containers([value])
    while level:
        depth += 1
        if depth > MAX_JSON_DEPTH:
            raise BadJson(f"expected at most {MAX_JSON_DEPTH} levels of JSON, got more")
        level = [inner for container in level for inner in _containers(_children(container))]


def _children(container: dict[str, Any] | list[Any]) -> Iterable[Any]:
    if isinstance(container, dict):
        _containers(container)  # the keys are strings to be checked
        return container.values()
    return container


def _containers(values: Iterable[Any]) -> list[dict[str, Any] | list[Any]]:
    """Those of the values that hold others; the rest is checked in passing."""
    found: list[dict[str, Any] | list[Any]] = []
    for value in values:
        if isinstance(value, (dict, list)):
            found.append(value)
        elif isinstance(value, str):
            _check_string(value)
        elif value is not None and not isinstance(value, (int, float)):
            raise BadJson(f"expected JSON, which has no {type(value).__name__}")
    return found


def _check_string(text: str) -> None:
    if wrong := _UNSTORABLE.search(text):
        raise BadJson(
            "expected JSON strings without NUL and lone surrogates, "
            f"got U+{ord(wrong[0]):04X} in one of {len(text)} characters"
        )
