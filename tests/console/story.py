"""A week of runs as a team has them: what the pictures show, and the walk over all pages sees."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from models.instants import format_instant
from tests.end_to_end.client import Client, Json

CLUSTERS = ("eu-1", "us-1", "gpu-2")
#: By agent: seconds that it takes, and what can go wrong.
AGENTS = {
    "nightly-etl": (840, 'relation "orders_2026_11" does not exist'),
    "triage-bot": (45, "rate limit of the tracker reached (429), 3 tries"),
    "dependency-updater": (310, "npm ERR! ERESOLVE unable to resolve dependency tree"),
    "incident-summary": (95, "context window exceeded: 212,480 of 200,000 tokens"),
    "code-review": (180, "git fetch: could not read from remote repository"),
}
TRIGGERS: tuple[Json, ...] = (
    {"source": "SCHEDULE", "name": "nightly at 02:00"},
    {"source": "SCHEDULE", "name": "hourly"},
    {"source": "MANUAL", "name": "ada"},
    {"source": "MANUAL", "name": "grace"},
    {"source": "COPILOT", "name": "session 7f3a", "url": "https://copilot.example.com/s/7f3a"},
    {"source": "WEBHOOK", "name": "push to main", "externalId": "8c1d2f"},
    {"source": "EVENT", "name": "disk-full"},
)
#: Runs of the past week, besides those with a name, where a picture of them is taken.
PAST = 120
STEPS = (
    ("prepare", None, "Prepare"),
    ("fetch", "prepare", "Fetch sources"),
    ("install", "prepare", "Install tools"),
    ("extract", None, "Extract"),
    ("transform", None, "Transform"),
    ("load", None, "Load"),
    ("verify", None, "Verify figures"),
)
INPUTS: Json = {
    "since": "2026-11-24T00:00:00Z",
    "tables": ["orders", "customers", "stock"],
    "limits": {"rows": 5_000_000, "memory": "4 GiB"},
    "dryRun": False,
    "token": "not shown",
}
REPORT: Json = {
    "title": "Nightly figures, 24 November",
    "summary": "Loaded **4,218,903** rows in 14 minutes. One table came late; nothing is missing.",
    "sections": [
        {
            "metrics": {
                "heading": "In numbers",
                "metrics": [
                    {"name": "Rows", "value": 4_218_903},
                    {"name": "Duration", "value": 842.4, "unit": "s"},
                    {"name": "Cost", "value": 1.37, "unit": "USD"},
                ],
            }
        },
        {
            "table": {
                "heading": "By table",
                "columns": ["Table", "Rows", "Late by"],
                "rows": [
                    ["orders", "3,904,112", ""],
                    ["customers", "48,201", ""],
                    ["stock", "266,590", "4 min"],
                ],
            }
        },
        {
            "text": {
                "heading": "What was done",
                "markdown": "1. Extracted from `replica-2`\n2. Transformed by the rules of `v41`\n"
                "3. Loaded, and compared with the day before\n\n> `stock` waited for its lock.",
            }
        },
    ],
}
BOLD, DIM, RED, GREEN, YELLOW, PLAIN = (f"\x1b[{code}m" for code in (1, 2, 31, 32, 33, 0))


@dataclass(frozen=True)
class Story:
    """The ids of the runs with a name."""

    running: str
    failed: str
    completed: str
    retrying: str
    cancelled: str
    #: The link to the completed one's report.
    shared: str


async def tell(client: Client, now: datetime, past: int = PAST) -> Story:
    """Tell a service of them all, as their reporters would have."""
    rng = random.Random(7)
    for hours in sorted((rng.uniform(0.3, 7 * 24) for _ in range(past)), reverse=True):
        await _past(client, now - timedelta(hours=hours), rng)
    completed = await _completed(client, now)
    return Story(
        completed=completed,
        shared=await _shared(client, completed),
        cancelled=await _cancelled(client, now),
        failed=await _failed(client, now),
        retrying=await _retrying(client, now),
        running=await _running(client, now),
    )


async def _past(client: Client, began: datetime, rng: random.Random) -> None:
    agent = rng.choice(list(AGENTS))
    seconds, trouble = AGENTS[agent]
    run = await _begin(client, agent, began, rng.choice(CLUSTERS), rng.choice(TRIGGERS))
    at = format_instant(began + timedelta(seconds=rng.lognormvariate(0, 0.5) * seconds))
    if rng.random() < 0.16:
        await client.tell(
            "failRun", runId=run, logEnds=[], completedAt=at, error={"message": trouble}
        )
    else:
        await client.tell("completeRun", runId=run, logEnds=[], completedAt=at)


async def _begin(
    client: Client, agent: str, began: datetime, cluster: str, trigger: Json, **told: object
) -> str:
    return await client.begin(
        agent={"name": agent},
        cluster=cluster,
        trigger=trigger,
        startedAt=format_instant(began),
        labels=[{"name": "team", "value": "data" if agent == "nightly-etl" else "platform"}],
        **told,
    )


async def _workflow(client: Client, began: datetime, trigger: Json) -> str:
    steps = [{"key": key, "parentKey": parent, "name": name} for key, parent, name in STEPS]
    return await _begin(client, "nightly-etl", began, "eu-1", trigger, inputs=INPUTS, steps=steps)


async def _completed(client: Client, now: datetime) -> str:
    began = now - timedelta(minutes=55)
    run = await _workflow(client, began, TRIGGERS[0])
    at = await _steps_done(client, run, began, [key for key, _, _ in STEPS], 120)
    await _log(client, run, [*_lines("extract", 40), *_lines("load", 60)], began)
    await client.tell("completeRun", runId=run, logEnds=[], completedAt=at, report=REPORT)
    return run


async def _shared(client: Client, run: str) -> str:
    query = "query($id: ID!) { run(id: $id) { report { id } } }"
    report = (await client.data(query, id=run))["run"]["report"]["id"]
    url: str = (await client.tell("shareReport", "url", reportId=report))["url"]
    return url


async def _failed(client: Client, now: datetime) -> str:
    began = now - timedelta(minutes=31)
    run = await _workflow(client, began, TRIGGERS[2])
    await _steps_done(client, run, began, ["prepare", "fetch", "install", "extract"], 95)
    await _step(client, run, "transform", "RUNNING", began + timedelta(seconds=380))
    lines = [*_lines("extract", 30), *_lines("transform", 12)]
    trouble = [
        (
            "ERROR",
            f'{RED}{BOLD}ERROR{PLAIN} relation {YELLOW}"orders_2026_11"{PLAIN} does not exist',
        ),
        ("ERROR", "  at transform.py:118 in merge_partitions"),
        ("INFO", "::endgroup::"),
    ]
    told = [{"level": level, "stepKey": "transform", "message": text} for level, text in trouble]
    await _log(client, run, [*lines, *told], began)
    await client.tell(
        "failRun",
        runId=run,
        logEnds=[],
        completedAt=format_instant(began + timedelta(seconds=412)),
        error={
            "message": AGENTS["nightly-etl"][1],
            "stepKey": "transform",
            "details": "Traceback (most recent call last):\n"
            '  File "transform.py", line 118, in merge_partitions\n'
            "    cursor.execute(MERGE, day)\nUndefinedTable: orders_2026_11",
        },
    )
    return run


async def _retrying(client: Client, now: datetime) -> str:
    run = await _begin(
        client, "dependency-updater", now - timedelta(minutes=6), "gpu-2", TRIGGERS[5]
    )
    await client.tell(
        "scheduleRetry",
        runId=run,
        reason="gpu-2.example.com:6443: connection refused",
        nextAttemptAt=format_instant(now + timedelta(hours=2)),
    )
    return run


async def _cancelled(client: Client, now: datetime) -> str:
    run = await _begin(client, "code-review", now - timedelta(minutes=40), "us-1", TRIGGERS[4])
    await client.append(run, 0, "Reading the diff …", "214 files changed")
    await client.tell("cancelRuns", ids=[run], reason="superseded by a newer push")
    await client.tell("confirmCancel", runId=run, logEnds=[])
    return run


async def _running(client: Client, now: datetime) -> str:
    began = now - timedelta(minutes=4)
    run = await _workflow(client, began, TRIGGERS[3])
    await _steps_done(client, run, began, ["prepare", "fetch", "install"], 50)
    await _step(client, run, "extract", "RUNNING", began + timedelta(seconds=155))
    await _log(client, run, list(_lines("extract", 120)), began)
    return run


async def _steps_done(
    client: Client, run: str, began: datetime, keys: list[str], seconds: int
) -> str:
    """Steps one after the other; parts of one within it. When the last one was done."""
    at = began
    for number, key in enumerate(keys):
        await _step(client, run, key, "RUNNING", at)
        if key == "prepare":
            continue  # until its parts are done
        at += timedelta(seconds=seconds * (0.6 + 0.2 * (number % 3)))
        await _step(client, run, key, "COMPLETED", at)
        if key == "install":
            await _step(client, run, "prepare", "COMPLETED", at)
    return format_instant(at)


async def _step(client: Client, run: str, key: str, status: str, at: datetime) -> None:
    step: Json = {"key": key, "status": status, "at": format_instant(at)}
    if status == "COMPLETED":
        step["output"] = {
            "rows": 1_204_118,
            "files": [f"{key}-0001.parquet", f"{key}-0002.parquet"],
        }
    await client.tell("updateSteps", runId=run, steps=[step])


def _lines(step: str, count: int) -> Iterator[Json]:
    """What a step writes, in the colours of a terminal, within a group."""
    yield {"message": f"::group::{step.capitalize()}", "stepKey": step}
    for number in range(count):
        text = (
            f"{DIM}{step}{PLAIN} part {number:04} {GREEN}ok{PLAIN} {number * 7919 % 90000:>6} rows"
        )
        level = "WARNING" if number % 17 == 11 else "DEBUG" if number % 5 == 3 else "INFO"
        if level == "WARNING":
            text = f"{YELLOW}slow{PLAIN} {step} part {number:04} took {number % 7 + 3} s"
        stream = "STDERR" if level == "WARNING" else "STDOUT"
        yield {"message": text, "level": level, "stream": stream, "stepKey": step}


async def _log(client: Client, run: str, lines: list[Json], began: datetime) -> None:
    for number, line in enumerate(lines):
        line["at"] = format_instant(began + timedelta(seconds=number))
    await client.tell("appendLogs", runId=run, offset=0, lines=lines)


def present() -> datetime:
    """The story is told of the week before."""
    return datetime.now(UTC)
