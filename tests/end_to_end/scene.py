"""A few runs in every state, for tests that try to do wrong to them."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.end_to_end.client import Client, Json

REPORT: Json = {
    "title": "Nightly",
    "summary": "All went *well*.",
    "sections": [
        {"text": {"heading": "Story", "markdown": "Once upon a time"}},
        {"table": {"heading": "Rows", "columns": ["a", "b"], "rows": [["1", "2"]]}},
        {
            "metrics": {
                "heading": "Numbers",
                "metrics": [{"name": "rows", "value": 1.5, "unit": "s"}],
            }
        },
    ],
}
LINES = ("one", "two", "three")


@dataclass(frozen=True)
class Scene:
    """The ids of what is there."""

    #: Running, in step `extract`, with the lines of LINES; its agent and cluster.
    running: str
    step: str
    agent: str
    cluster: str
    #: Cancelling was asked for; waiting for its next attempt.
    cancelling: str
    retrying: str
    #: Ended; the first with a report, and a link to it.
    completed: str
    report: str
    share: str
    token: str
    failed: str
    #: Deleted a moment ago, with its report; and the deletion that can be undone.
    deleted: str
    deleted_report: str
    deletion: str
    #: Of lists: their first places; of the running run's log: its first line.
    run_cursor: str
    agent_cursor: str
    cluster_cursor: str
    deletion_cursor: str
    #: The newest entry of the audit.
    audit: str
    audit_cursor: str
    log_cursor: str
    event_cursor: str
    #: Of the completed run: the ends.
    ended_log_cursor: str
    ended_event_cursor: str

    @classmethod
    async def make(cls, client: Client) -> Scene:
        running = await client.begin(steps=[{"key": "extract"}, {"key": "load"}])
        await client.append(running, 0, *LINES)
        update = {"key": "extract", "status": "RUNNING"}
        await client.tell("updateSteps", runId=running, steps=[update])
        cancelling = await client.begin()
        await client.tell("cancelRuns", ids=[cancelling])
        retrying = await client.begin()
        await client.tell("scheduleRetry", runId=retrying, reason="connection refused")
        completed, report = await _completed(client)
        link = await client.tell("shareReport", "share { id } url", reportId=report)
        failed = await client.begin()
        await client.tell("failRun", runId=failed, error={"message": "it broke"})
        deleted, deleted_report = await _completed(client)
        deletion = await client.tell("deleteRuns", "deletion { id }", ids=[deleted])
        found = await client.data(FOUND, running=running, completed=completed)
        log = found["running"]["logs"]["edges"]
        return cls(
            running=running,
            step=found["running"]["steps"][0]["id"],
            agent=found["running"]["agent"]["id"],
            cluster=found["running"]["cluster"]["id"],
            cancelling=cancelling,
            retrying=retrying,
            completed=completed,
            report=report,
            share=link["share"]["id"],
            token=urlsplit(link["url"]).path.rpartition("/")[2],
            failed=failed,
            deleted=deleted,
            deleted_report=deleted_report,
            deletion=deletion["deletion"]["id"],
            run_cursor=found["runs"]["edges"][0]["cursor"],
            agent_cursor=found["agents"]["edges"][0]["cursor"],
            cluster_cursor=found["clusters"]["edges"][0]["cursor"],
            deletion_cursor=found["deletions"]["edges"][0]["cursor"],
            audit=found["auditEntries"]["edges"][0]["node"]["id"],
            audit_cursor=found["auditEntries"]["edges"][0]["cursor"],
            log_cursor=log[0]["cursor"],
            event_cursor=found["running"]["eventCursor"],
            ended_log_cursor=found["completed"]["logs"]["endCursor"],
            ended_event_cursor=found["completed"]["eventCursor"],
        )


FOUND = """
query($running: ID!, $completed: ID!) {
  running: run(id: $running) {
    agent { id } cluster { id } steps { id } eventCursor logs { edges { cursor } }
  }
  completed: run(id: $completed) { eventCursor logs { endCursor } }
  runs(first: 1) { edges { cursor } }
  agents(first: 1) { edges { cursor } }
  clusters(first: 1) { edges { cursor } }
  deletions(first: 1) { edges { cursor } }
  auditEntries(first: 1) { edges { cursor node { id } } }
}"""


async def _completed(client: Client) -> tuple[str, str]:
    """The ids of a run that completed, and of its report."""
    run_id = await client.begin()
    await client.append(run_id, 0, "done")
    payload = await client.tell("completeRun", "run { report { id } }", runId=run_id, report=REPORT)
    return run_id, payload["run"]["report"]["id"]


SNAPSHOT = """
query($ids: [ID!]!) {
  nodes(ids: $ids) {
    ... on Run {
      id status inputs labels { name value } startedAt completedAt nextAttemptAt
      trigger { source name url externalId } cancellation { by reason } lastSequence
      attempts { number failure } logSources { attempt name nextOffset } eventCursor
      error { code message details } logs(last: 3) { nodes { sequence message } }
      steps { key name status parent { key } output errorMessage attempt }
      report { id title markdown shares { id status expiresAt revokedAt } }
    }
  }
  runs { totalCount }
  agents(first: 200) { totalCount nodes { name kind description } }
  clusters(first: 200) { totalCount nodes { name } }
  deletions { totalCount }
}"""


async def snapshot(client: Client, scene: Scene) -> Json:
    """The runs of the scene as clients see them, and how much there is of everything.

    Without signs of life: a call that is refused is one too.
    """
    runs = [scene.running, scene.cancelling, scene.retrying, scene.completed, scene.failed]
    return await client.data(SNAPSHOT, ids=[*runs, scene.deleted])
