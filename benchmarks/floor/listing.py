"""The floor of the list: the page's rows in two statements, as the same JSON."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from starlette.types import ASGIApp

from benchmarks.floor.asgi import app_of
from benchmarks.floor.store import Row, store_of
from benchmarks.size import PAGE_RUNS

_PAGE = f"WHERE deleted_at IS NULL ORDER BY started_at DESC, id DESC LIMIT {PAGE_RUNS}"

_RUNS = f"""
SELECT run.id, status, started_at, completed_at, duration, trigger_source, trigger_name,
    agent.id, agent.name, cluster.id, cluster.name,
    report.id, report.title, report.summary, report.created_at
FROM (SELECT * FROM run {_PAGE}) run
JOIN agent ON agent.id = agent_id
JOIN cluster ON cluster.id = cluster_id
LEFT JOIN report ON report.run_id = run.id
ORDER BY started_at DESC, run.id DESC
"""

_STEPS = f"""
SELECT run_id, key, name, status, started_at, completed_at
FROM step WHERE run_id IN (SELECT id FROM run {_PAGE}) ORDER BY run_id, position
"""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: Where a run has not ended; models/instants.py.
_ENDLESS = 2**63 - 1


def create_app(url: str) -> ASGIApp:
    """Answers everything with the first page."""
    store = store_of(url)

    async def start() -> Callable[[], Awaitable[None]]:
        await store.open()
        return store.close

    async def answer(_: bytes) -> bytes:
        runs, steps = await store.fetch(_RUNS, _STEPS)
        steps_of_run: defaultdict[Any, list[dict[str, Any]]] = defaultdict(list)
        for step in steps:
            steps_of_run[step[0]].append(_step(step))
        nodes = [_run(row, steps_of_run[row[0]]) for row in runs]
        return orjson.dumps({"data": {"runs": {"nodes": nodes}}})

    return app_of(answer, start)


def _run(row: Row, steps: list[dict[str, Any]]) -> dict[str, Any]:
    has_ended = row[4] != _ENDLESS
    return {
        "id": f"run_{row[0]}",
        "status": row[1],
        "startedAt": _instant(row[2]),
        "completedAt": _instant(row[3]) if has_ended else None,
        "durationSeconds": row[4] / 1_000_000 if has_ended else None,
        "trigger": {"source": row[5], "name": row[6]},
        "agent": {"id": f"agent_{row[7]}", "name": row[8]},
        "cluster": {"id": f"cluster_{row[9]}", "name": row[10]},
        "steps": steps,
        "report": _report(row) if row[11] else None,
    }


def _report(row: Row) -> dict[str, Any]:
    return {
        "id": f"report_{row[11]}",
        "title": row[12],
        "summary": row[13],
        "createdAt": _instant(row[14]),
    }


def _step(row: Row) -> dict[str, Any]:
    return {
        "key": row[1],
        "name": row[2],
        "status": row[3],
        "startedAt": None if row[4] is None else _instant(row[4]),
        "durationSeconds": None if row[5] is None else (row[5] - row[4]) / 1_000_000,
    }


def _instant(micros: int) -> str:
    at = _EPOCH + timedelta(microseconds=micros)
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")
