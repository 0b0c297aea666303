"""Every GraphQL document of the client commands fits the schema that is published."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

from server.cli import delete, list, show, tail
from server.cli.client import mutation
from server.cli.outbox import Line, Outbox
from server.cli.reporter import RunReporter
from server.cli.step_marks import StepChange
from server.cli.tour import guide, watching
from tests.server.cli.fake_service import FakeService

SCHEMA = Path(__file__).parents[3] / "schema.graphql"

DOCUMENTS = {
    "list": list.RUNS,
    "show": show.RUN,
    "tail: last lines": tail.LAST,
    "tail: follow": tail.FOLLOW,
    "tail: end": tail.END,
    "delete": mutation("deleteRuns", delete.DELETION),
    "tour: cancel": mutation("cancelRuns", ""),
    "tour: updates": watching.UPDATES,
    "tour: runs": watching.RUNS,
    "tour: lines": watching.LINES,
    "guide: list": guide.LIST,
    "guide: detail": guide.DETAIL % "run_1",
    "guide: follow": guide.FOLLOW % "run_1",
}


def complaints(document: str) -> Iterator[str]:
    schema = build_schema(SCHEMA.read_text())
    for error in validate(schema, parse(document)):
        yield error.message


@pytest.mark.parametrize("name", DOCUMENTS)
def test_document_fits_the_schema(name: str) -> None:
    assert [*complaints(DOCUMENTS[name])] == []


async def test_reporters_mutations_fit_the_schema() -> None:
    service = FakeService()
    reporter = RunReporter(service, lambda sentence: None)
    outbox = Outbox()
    at = "2026-11-24T01:47:19.000000Z"
    await outbox.put([StepChange("a", "RUNNING", at, "A"), Line("x", at, "STDOUT")])
    outbox.close()
    await reporter.start({})
    await reporter.schedule_retry("no answer", 0)
    await reporter.start_attempt()
    await reporter.deliver(outbox)
    await reporter.complete(None)
    await reporter.fail({})
    await reporter.confirm_cancel()
    assert len(service.documents) == 9
    assert [[*complaints(document)] for document in service.documents] == [[]] * 9
