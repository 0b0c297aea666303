"""The report of a completed run whose reporter gave none, drawn up from what the run left."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from models.states import StepStatus, TriggerSource
from resolvers.markdown import escape_markdown
from resolvers.report_document import (
    MAX_TITLE_CHARS,
    Metric,
    MetricsSection,
    ReportDocument,
    Section,
    TableSection,
    TextSection,
)

#: As much as shows how a run ended; the log has the rest.
MAX_LAST_LINES = 20
#: A terminal's width a few times over; longer lines are data.
MAX_LINE_CHARS = 500
#: A run holds at most as many, and a table more.
MAX_STEPS = 1_000
#: Of a name in a sentence, and in a step's row, of which there may be MAX_STEPS.
MAX_NAME_CHARS = 200

#: What a run was started …, before the trigger's name.
STARTED_BY = {
    TriggerSource.MANUAL: "by",
    TriggerSource.SCHEDULE: "by the schedule",
    TriggerSource.COPILOT: "by the Copilot session",
    TriggerSource.WEBHOOK: "by the webhook",
    TriggerSource.EVENT: "by the event",
}

# ECMA-48: control sequences (colours, cursor moves) and operating system commands (titles, links).
_TERMINAL_CODES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")


@dataclass(frozen=True, slots=True)
class StepSummary:
    """What a report's table says of a step; no duration: it never began."""

    name: str
    status: StepStatus
    duration_seconds: float | None


def draw_up(
    *,
    agent_name: str,
    cluster_name: str,
    trigger_source: TriggerSource,
    trigger_name: str,
    started_at: datetime,
    completed_at: datetime,
    attempts: int,
    log_lines: int,
    steps: Sequence[StepSummary],
    last_lines: Sequence[str],
) -> ReportDocument:
    """The report, within all bounds of report_document whatever the names and lines.

    `log_lines` is how many there are in all, `last_lines` the last of them, oldest first: more than
    MAX_LAST_LINES need not be given.
    """
    seconds = (completed_at - started_at).total_seconds()
    summary = (
        f"The agent {_named(agent_name)} completed on {_named(cluster_name)} "
        f"in {duration_text(seconds)}. "
        f"It was started {STARTED_BY[trigger_source]} {_named(trigger_name)}."
    )
    sections: list[Section] = [_figures(seconds, attempts, log_lines, len(steps))]
    if steps:
        sections.append(_steps_table(steps))
    if last_lines:
        sections.append(TextSection("Last lines of output", _code_block(last_lines)))
    title = f"{_cut(agent_name, MAX_TITLE_CHARS - len(' completed'))} completed"
    return ReportDocument(title, summary, tuple(sections), agent_name, completed_at)


def _figures(seconds: float, attempts: int, log_lines: int, steps: int) -> MetricsSection:
    metrics = (
        Metric("Duration", seconds, "s"),
        Metric("Attempts", float(attempts)),
        Metric("Log lines", float(log_lines)),
        Metric("Steps", float(steps)),
    )
    return MetricsSection("Figures", metrics)


def _steps_table(steps: Sequence[StepSummary]) -> TableSection:
    rows = tuple(_step_row(step) for step in steps[:MAX_STEPS])
    return TableSection("Steps", ("Step", "Status", "Duration"), rows)


def _step_row(step: StepSummary) -> tuple[str, str, str]:
    seconds = step.duration_seconds
    duration = "" if seconds is None else duration_text(seconds)
    return _cut(step.name, MAX_NAME_CHARS), str(step.status).capitalize(), duration


def _code_block(lines: Sequence[str]) -> str:
    """The last lines between fences longer than any run of backticks in them (CommonMark 4.5)."""
    shown = [_cut(without_terminal_codes(line), MAX_LINE_CHARS) for line in lines[-MAX_LAST_LINES:]]
    text = "\n".join(shown)
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def without_terminal_codes(text: str) -> str:
    """The text without colours and cursor moves, which mean something to a terminal only."""
    return _TERMINAL_CODES.sub("", text)


def duration_text(seconds: float) -> str:
    """A duration for reading, in at most two units: `0.84 s`, `2 min 13 s`, `3 d 4 h`."""
    if seconds < 10:
        return f"{seconds:.2f} s"
    units = list(_units(round(seconds)))[:2]
    return " ".join(f"{count} {unit}" for count, unit in units if count)


def _units(seconds: int) -> Iterator[tuple[int, str]]:
    """From the largest unit that the duration fills."""
    begun = False
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")):
        count, seconds = divmod(seconds, size)
        begun = begun or count > 0
        if begun:
            yield count, unit


def _named(name: str) -> str:
    return f"**{escape_markdown(_cut(name, MAX_NAME_CHARS))}**"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
