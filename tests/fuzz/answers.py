"""What no answer may hold, whatever came: the insides of the service."""

from __future__ import annotations

import builtins
import json
import re
import sqlite3
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import asyncpg.exceptions
import tortoise.exceptions

#: What names exceptions that a defect would let through.
_MODULES = (builtins, sqlite3, asyncpg.exceptions, tortoise.exceptions)
#: sqlite3's, but everybody's words: "Syntax Error: …".
_COMMON = {"Error", "Warning"}


def _exceptions(module: ModuleType) -> Iterator[str]:
    for name, value in vars(module).items():
        if isinstance(value, type) and issubclass(value, BaseException) and name not in _COMMON:
            yield name


#: Words of Python, of its libraries, and of SQL. Of one case, so that `runUpdates` is none of them.
_WORDS = (
    r"Traceback|\bFile \"|\.py\b|site-packages|/usr/lib|<class '|object at 0x|<\w+ instance>"
    r"|\bNoneType\b|\bcoroutine\b|asyncpg|aiosqlite|sqlite3|tortoise|pypika|strawberry|uvicorn"
    r"|\bSELECT [\"\w*(]|\bINSERT INTO\b|\bUPDATE [\"\w]+ SET\b|\bDELETE FROM\b"
    r"|\bWHERE \"|\bORDER BY\b"
    r"|UNIQUE constraint|FOREIGN KEY|syntax error at or near|no such (?:table|column)"
    r"|database is locked|duplicate key value"
)
_NAMES = "|".join(sorted({name for module in _MODULES for name in _exceptions(module)}))
_LEAK = re.compile(rf"{_WORDS}|\b(?:{_NAMES})\b")

#: Codes of errors that are the service's fault.
DEFECTS = {"INTERNAL", "UNAVAILABLE", "INTERRUPTED"}


class Leaks:
    """Finds what answers give away, but for what clients have said themselves."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def told(self, request: str) -> None:
        """Take note of what is sent: it may come back, at once or from the database."""
        self._told.update(_LEAK.findall(request))

    def check(self, answer: str) -> None:
        found = set(_LEAK.findall(answer)) - self._told
        assert not found, f"an answer tells of {sorted(found)}: {answer[:2000]}"


def check_errors(answer: Any) -> None:
    """No error of a GraphQL answer is the service's fault, and each has a sentence and a code."""
    for error in answer.get("errors", ()):
        assert error["message"], error
        code = error["extensions"]["code"]
        assert code not in DEFECTS, f"{code}: {json.dumps(answer)[:2000]}"


def codes_of(answer: Any) -> set[str]:
    """The codes of the errors of a GraphQL answer."""
    return {error["extensions"]["code"] for error in answer.get("errors", ())}


def check_payload(payload: Any) -> None:
    """A GraphQL answer has the shape of one, by section 7.1 of the specification."""
    assert isinstance(payload, dict), payload
    assert payload.keys() <= {"data", "errors", "extensions"}, payload.keys()
    assert "data" in payload or payload["errors"], payload
    check_errors(payload)
