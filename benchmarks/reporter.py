"""A reporter that appends lines to a run of its own, batch after batch."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import orjson

from benchmarks.data.lines import line_inputs, message
from benchmarks.http_client import GRAPHQL, BadAnswer, HttpClient

_START = """
mutation Start($input: StartRunInput!) { startRun(input: $input) { run { id } } }
"""
_APPEND = """
mutation Append($input: AppendLogsInput!) {
  appendLogs(input: $input) { nextOffset userErrors { code message } }
}
"""
_QUERY = orjson.Fragment(orjson.dumps(_APPEND))
#: Different batches, made before anything is measured: making them is not what is measured.
_BATCHES = 64


@cache
def _batches(lines: int, text: Callable[[int], str]) -> list[orjson.Fragment]:
    return [
        orjson.Fragment(
            orjson.dumps(line_inputs(map(text, range(number * lines, (number + 1) * lines))))
        )
        for number in range(_BATCHES)
    ]


class Reporter:
    """Appends batches of `lines` lines, each once its predecessor is acknowledged."""

    def __init__(
        self,
        run_id: str,
        lines: int,
        acknowledgement: bytes,
        text: Callable[[int], str] = message,
    ) -> None:
        self.run_id = run_id
        self.lines = lines
        #: Lines appended so far: the next batch's offset.
        self.offset = 0
        self._acknowledgement = acknowledgement
        self._batches = _batches(lines, text)

    @classmethod
    async def of_service(
        cls, http: HttpClient, lines: int, text: Callable[[int], str] = message
    ) -> Reporter:
        """One that starts a run at the service; `text` makes each line of its number."""
        told = {
            "agent": {"name": "busy-writer"},
            "cluster": "eu-1",
            "trigger": {"source": "MANUAL", "name": "ada"},
        }
        started = await http.ask(_START, input=told)
        return cls(started["startRun"]["run"]["id"], lines, b'"userErrors":[]', text)

    @classmethod
    def of_floor(cls, lines: int) -> Reporter:
        """One that tells a floor the same. A floor refuses nothing: its 200 is enough."""
        return cls("run_00000000-0000-7000-8000-000000000000", lines, b"{")

    async def append(self, http: HttpClient) -> int:
        """Append the next batch; its lines. Raises BadAnswer where it is not acknowledged."""
        answer = await http.post(GRAPHQL, self._next_body())
        if self._acknowledgement not in answer:
            raise BadAnswer(str(answer[:500]))
        return self.lines

    def _next_body(self) -> bytes:
        batch = self._batches[self.offset // self.lines % _BATCHES]
        told = {"runId": self.run_id, "offset": self.offset, "lines": batch}
        self.offset += self.lines
        return orjson.dumps({"query": _QUERY, "variables": {"input": told}})
