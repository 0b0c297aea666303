"""Recorded agent runs (`../shared/real-runs`), and what each of their parts is in this service."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[3] / "shared" / "real-runs"
SUBMITTED = "submitted"


@dataclass(frozen=True)
class Line:
    """A line as it is told, and as it has to come back."""

    message: str
    level: str
    stream: str
    step_key: str


@dataclass(frozen=True)
class Step:
    """One entry of a trajectory."""

    key: str
    thought: str
    action: str
    observation: str
    #: How long it took, where that was recorded.
    took: timedelta | None = None

    @property
    def name(self) -> str:
        return self.action.split("\n", 1)[0]

    @property
    def before(self) -> list[Line]:
        """What the agent thinks and does: a line of text each, the action as one."""
        thought = [Line(text, "DEBUG", "SYSTEM", self.key) for text in _lines(self.thought)]
        return [*thought, Line(self.action, "INFO", "SYSTEM", self.key)]

    @property
    def after(self) -> list[Line]:
        """What it observes."""
        return [Line(text, "INFO", "STDOUT", self.key) for text in _lines(self.observation)]


@dataclass(frozen=True)
class Trajectory:
    """One run."""

    name: str
    environment: str
    steps: tuple[Step, ...]
    exit_status: str
    submission: str
    model_stats: dict[str, float]
    inputs: dict[str, Any]

    @classmethod
    def read(cls, path: Path) -> Trajectory:
        content = json.loads(path.read_bytes())
        info = content["info"]
        return cls(
            name=path.stem,
            environment=content["environment"],
            steps=tuple(_step(number, entry) for number, entry in enumerate(content["trajectory"])),
            exit_status=info["exit_status"],
            submission=info["submission"],
            model_stats=info["model_stats"],
            inputs={
                "task": content["history"][1]["content"],
                "replay_config": content.get("replay_config"),
            },
        )

    @property
    def is_completed(self) -> bool:
        return self.exit_status == SUBMITTED

    @cached_property
    def lines(self) -> list[Line]:
        """The whole log."""
        return [line for step in self.steps for line in (*step.before, *step.after)]

    @property
    def took(self) -> timedelta | None:
        """All steps together, where their times were recorded."""
        times = [step.took for step in self.steps if step.took is not None]
        return sum(times, timedelta()) if len(times) == len(self.steps) else None

    @property
    def fence(self) -> str:
        """A fence of Markdown that the submission cannot close."""
        longest = max(map(len, re.findall("`+", self.submission)), default=0)
        return "`" * max(3, longest + 1)

    @property
    def body(self) -> str:
        """The report's body: the submission as a block of code."""
        return f"{self.fence}diff\n{self.submission}\n{self.fence}"


def _step(index: int, entry: dict[str, Any]) -> Step:
    seconds = entry.get("execution_time")
    return Step(
        key=f"step-{index + 1}",
        thought=entry["thought"],
        action=entry["action"],
        observation=entry["observation"],
        took=None if seconds is None else timedelta(seconds=seconds),
    )


def _lines(text: str) -> list[str]:
    """One for each line of text, parted at LF alone: CR stays. Joined by LF they are the text."""
    return text.split("\n") if text else []
