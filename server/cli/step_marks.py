"""Step marks: how a command tells its steps in its own output. Pure: text in, steps out.

The format is that of GitHub's workflow commands, one mark to a line, at its very start:

    ::group::NAME       a step NAME begins; inside another group it is that step's child
    ::endgroup::        the innermost open step ends: COMPLETED, or FAILED after an ::error::
    ::error::MESSAGE    a line of level ERROR; the innermost open step has failed with MESSAGE
    ::warning::MESSAGE  a line of level WARNING
    ::debug::MESSAGE    a line of level DEBUG

Properties as in `::error file=a.py,line=3::MESSAGE` are allowed and stay in the line only. A mark
is itself a line of the log, byte for byte; it and all lines up to the end of its group belong to
the innermost open step. When the command fails, the innermost open step is the one that failed;
where none is open, the last one that an ::error:: failed. A step's key is its name in lower case
with dashes (`Run tests` is `run-tests`); a name that comes again gets -2, -3 and so on.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

#: The API's bound on the steps of a run. Groups beyond it are read, but make no step.
MAX_STEPS = 1000
#: Characters; a name is for a line on a screen, a key for a filter.
MAX_NAME = 200
MAX_KEY = 80
#: Characters of an ::error::'s message that become the step's; the line itself is kept whole.
MAX_ERROR = 2000

_MARK = re.compile(r"::(group|endgroup|error|warning|debug)(?: [^:]*)?::(.*)", re.DOTALL)
_LEVELS = {"error": "ERROR", "warning": "WARNING", "debug": "DEBUG"}
_UNPRINTED = re.compile(r"\x1b\[[0-9;:]*m|[\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class StepChange:
    """A step that begins (RUNNING, with its name) or ends; `at` is RFC 3339."""

    key: str
    status: str
    at: str
    name: str | None = None
    parent_key: str | None = None
    error_message: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a line means: its level and step, and the changes to tell before and after it."""

    level: str = "INFO"
    step_key: str | None = None
    opened: StepChange | None = None
    closed: StepChange | None = None


@dataclass(slots=True)
class _Open:
    key: str
    error: str | None = None


class StepMarks:
    """Reads the lines of one command, in order, and keeps which steps are open."""

    def __init__(self, max_steps: int = MAX_STEPS) -> None:
        self._max_steps = max_steps
        self._open: list[_Open] = []
        self._beyond = 0  # open groups that are no step, all inside the open ones
        self._keys: set[str] = set()
        self._names: Counter[str] = Counter()
        self._last_failed: str | None = None

    def read(self, text: str, at: str) -> Reading:
        """The meaning of a line that came at `at`."""
        mark = _MARK.match(text) if text.startswith("::") else None
        if mark is None:
            return Reading(step_key=self._current)
        word, rest = mark[1], _UNPRINTED.sub("", mark[2]).strip()
        if word == "group":
            return self._begin(rest[:MAX_NAME] or "step", at)
        if word == "endgroup":
            return self._end(at)
        if word == "error":
            self._blame(rest[:MAX_ERROR])
        return Reading(level=_LEVELS[word], step_key=self._current)

    def finish(self, at: str) -> list[StepChange]:
        """The ends of open steps that an ::error:: failed. What becomes of the others follows
        from the run's end, which the service decides."""
        return [_closing(step, at) for step in reversed(self._open) if step.error is not None]

    @property
    def failed_step(self) -> str | None:
        """The key of the step to name when the command fails."""
        return self._current or self._last_failed

    @property
    def _current(self) -> str | None:
        return self._open[-1].key if self._open else None

    def _begin(self, name: str, at: str) -> Reading:
        if len(self._keys) >= self._max_steps:
            self._beyond += 1
            return Reading(step_key=self._current)
        parent, key = self._current, self._new_key(name)
        self._open.append(_Open(key))
        return Reading(step_key=key, opened=StepChange(key, "RUNNING", at, name, parent))

    def _end(self, at: str) -> Reading:
        if self._beyond:
            self._beyond -= 1
            return Reading(step_key=self._current)
        if not self._open:
            return Reading()  # GitHub passes over an end without a beginning, too
        step = self._open.pop()
        return Reading(step_key=step.key, closed=_closing(step, at))

    def _blame(self, message: str) -> None:
        if self._open:
            step = self._open[-1]
            step.error = step.error if step.error is not None else message
            self._last_failed = step.key

    def _new_key(self, name: str) -> str:
        slug = re.sub(r"[^\w]+", "-", name.casefold()).strip("-")[:MAX_KEY] or "step"
        while True:
            self._names[slug] += 1
            count = self._names[slug]
            key = slug if count == 1 else f"{slug}-{count}"
            if key not in self._keys:  # a group may itself be called "test 2"
                self._keys.add(key)
                return key


def _closing(step: _Open, at: str) -> StepChange:
    status = "COMPLETED" if step.error is None else "FAILED"
    return StepChange(step.key, status, at, error_message=step.error)
