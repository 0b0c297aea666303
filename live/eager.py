"""Starting a coroutine at once, in the middle of something else.

Python 3.12 has eager tasks for that (`asyncio.eager_task_factory`); this service runs on 3.11 too.
A message that a socket takes at once then costs no task, no future and no turn of the event loop.
"""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from typing import Any


class Begun:
    """A coroutine that was started and has to wait: await it to bring it to its end."""

    def __init__(self, coroutine: Coroutine[Any, Any, None], awaited: Any) -> None:
        self._coroutine = coroutine
        #: What it waits for: to be yielded to the event loop by the task that awaits us.
        self._awaited = awaited

    def __await__(self) -> Generator[Any, Any, None]:
        try:
            while True:
                try:
                    value = yield self._awaited
                except GeneratorExit:
                    self.abandon()
                    raise
                except BaseException as error:
                    self._awaited = self._coroutine.throw(error)
                else:
                    self._awaited = self._coroutine.send(value)
        except StopIteration:
            return

    def abandon(self) -> None:
        """End it where it stands."""
        self._coroutine.close()


def begin(coroutine: Coroutine[Any, Any, None]) -> Begun | None:
    """Run a coroutine up to where it has to wait; None where it came to its end.

    Raises what the coroutine raises. It must not ask for the task that it runs in, as
    `asyncio.timeout` does, before it waits: it has none of its own yet.
    """
    try:
        return Begun(coroutine, coroutine.send(None))
    except StopIteration:
        return None
