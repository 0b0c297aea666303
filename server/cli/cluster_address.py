"""Whether the target cluster can be reached, and waiting until it can."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from typing import Self

from server.cli.backoff import backoff
from server.cli.reporter import RunReporter

#: Seconds that a TCP connection may take: three tries of a SYN, which is lost now and then.
CONNECT_TIMEOUT_S = 5.0
#: Seconds between attempts: at first, and at most, so that a cluster that is back is found soon.
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0


class ClusterUnreachable(Exception):
    """As many attempts as were allowed have failed; its text is why the last one did."""


@dataclass(frozen=True, slots=True)
class Address:
    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads `HOST:PORT`, with an IPv6 address in brackets. Raises ValueError."""
        host, _, port = text.rpartition(":")
        host = host.removeprefix("[").removesuffix("]")
        if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 2**16:
            raise ValueError(f"expected HOST:PORT, such as cluster.example:6443, got {text!r}")
        return cls(host, int(port))

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    async def failure(self) -> str | None:
        """Tries a TCP connection: None where it is answered, else a sentence."""
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                _, writer = await asyncio.open_connection(self.host, self.port)
        except TimeoutError:
            return f"{self} does not answer within {CONNECT_TIMEOUT_S:g} s"
        except OSError as error:
            # asyncio's own words hide the reason; a name that is not found has a number below 0.
            number = error.errno or 0
            return f"{self} does not answer: {os.strerror(number) if number > 0 else error}"
        writer.close()
        return None


async def reach(address: Address, reporter: RunReporter, max_attempts: int | None) -> None:
    """Returns once `address` answers, or the run's cancellation was asked for.

    Until then the run is RETRYING between attempts. Raises ClusterUnreachable after
    `max_attempts`, where there is such a number.
    """
    for pause in backoff(FIRST_PAUSE_S, LONGEST_PAUSE_S):
        failure = await address.failure()
        if failure is None or reporter.cancel_asked.is_set():
            return
        if reporter.attempt == max_attempts:
            raise ClusterUnreachable(failure)
        await reporter.schedule_retry(failure, pause)
        await reporter.idle(pause)
        if reporter.cancel_asked.is_set():
            return
        await reporter.start_attempt()
