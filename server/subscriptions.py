"""Subscriptions: executed once for all who ask for the same, whatever door they came through.

A history (a log, the transitions of a run) is sent in stretches. What is stored behind the client's
cursor is read for this client alone. From there on it takes the messages of a broadcast, which one
execution makes for everybody. Whoever falls behind reads the store again, and joins again.

A stream of states (the list of runs) has no past: whoever joins is sent how it begins, then the
same messages as the others. docs/decisions/0016-shared-execution.md tells why it is like this.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Hashable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass

from graphql import GraphQLError
from strawberry.types.execution import ExecutionResult

from graph.context import Context
from graph.errors import tell_all
from graph.schema import Schema
from graph.sharing import sharing_key, subscription_of
from live.broadcast import Broadcast, BrokenOff, Message
from live.stretch import Stretch
from server.graphql_answer import encode, payload_of
from server.graphql_request import GraphQLRequest


@dataclass(frozen=True, slots=True)
class _Asked:
    """What one subscriber asked for."""

    request: GraphQLRequest
    context: Context
    key: Hashable


class _Shared:
    """A broadcast, the execution that feeds it, and how many take it."""

    def __init__(self, stretch: Stretch) -> None:
        self.stretch = stretch
        self.broadcast = Broadcast(stretch.start or 0)
        self.subscribers = 0
        self.task: asyncio.Task[None] | None = None

    @property
    def seen(self) -> int:
        """Up to where there was nothing to send, from where the broadcast stands."""
        # A batch that is on its way has moved the stretch already.
        is_at_rest = self.stretch.position == self.broadcast.position
        return self.stretch.seen if is_at_rest else self.broadcast.position


class Subscriptions:
    """All subscriptions of this process."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._shared: dict[Hashable, _Shared] = {}

    def subscribe(
        self, request: GraphQLRequest, context: Context, *, resume: str | None = None
    ) -> AsyncGenerator[Message, None] | None:
        """The messages of a subscription, up to its end; None where it is no valid subscription.

        `resume` is a cursor that counts instead of the one in the request. Raises BrokenOff with
        GraphQL errors where it cannot begin or go on.
        """
        kind = subscription_of(self._schema.graphql, request.query, request.operation_name)
        if kind is None:
            return None
        key = sharing_key(
            request.query,
            request.operation_name,
            request.variables,
            context.viewer.rights,
            kind.cursor_variable,
        )
        asked = _Asked(request, context, key)
        return self._history(asked, resume) if kind.is_history else self._states(asked)

    async def alone(
        self, request: GraphQLRequest, context: Context, *, resume: str | None = None
    ) -> AsyncGenerator[Message, None]:
        """The messages of what `subscribe` gives None for: an execution of its own.

        Raises BrokenOff as above; so too, with the errors of its document, where it is not valid.
        """
        asked = _Asked(request, context, key=None)
        with context.service.hub.attending():
            async with aclosing(self._execute(asked, Stretch(resume=resume))) as messages:
                async for message in messages:
                    yield message

    @property
    def executions(self) -> int:
        """How many broadcasts there are."""
        return len(self._shared)

    @property
    def waiting(self) -> int:
        """How many have taken every message that there is."""
        return sum(shared.broadcast.waiting for shared in self._shared.values())

    async def _history(self, asked: _Asked, resume: str | None) -> AsyncGenerator[Message, None]:
        hub = asked.context.service.hub
        stretch = Stretch(is_live=False, resume=resume)
        with hub.attending():
            while True:
                shared = self._shared.get(asked.key)
                if shared is not None and shared.broadcast.position > stretch.position:
                    # To where the broadcast stands, so as to join it there.
                    stretch.until = shared.broadcast.position
                async with aclosing(self._execute(asked, stretch)) as stored:
                    async for message in stored:
                        yield message
                        if message.is_last:
                            return
                position = stretch.position
                async with aclosing(self._live(asked, position)) as live:
                    async for message in live:
                        yield message
                        if message.is_last:
                            return
                        position = message.end
                stretch = Stretch(start=position, position=position, is_live=False)

    async def _live(self, asked: _Asked, position: int) -> AsyncGenerator[Message, None]:
        """The messages of the broadcast from a position on, as long as it keeps them."""
        window = asked.context.service.policy.batch_window.total_seconds()
        async with self._joined(asked, Stretch(start=position, window=window)) as shared:
            # What was read just now may be ahead of what the broadcast was woken for.
            await shared.broadcast.reached(position)
            number = shared.broadcast.number_at(position, shared.seen)
            if number is None:
                return
            async with aclosing(shared.broadcast.follow(number)) as messages:
                async for message in messages:
                    yield message

    async def _states(self, asked: _Asked) -> AsyncGenerator[Message, None]:
        with asked.context.service.hub.attending():
            async with self._joined(asked, Stretch()) as shared:
                while True:
                    opening = await shared.broadcast.opening()
                    shared.broadcast.ask()
                    await shared.stretch.newcomers.join()
                    number = shared.broadcast.next_number
                    yield opening
                    async with aclosing(shared.broadcast.follow(number)) as messages:
                        async for message in messages:
                            yield message

    @asynccontextmanager
    async def _joined(self, asked: _Asked, stretch: Stretch) -> AsyncIterator[_Shared]:
        """The broadcast that the subscriber shares, for the length of the block.

        Where there is none, one begins with this stretch; with the last subscriber it ends.
        """
        shared = self._shared.get(asked.key)
        if shared is None:
            shared = self._shared[asked.key] = _Shared(stretch)
            shared.task = asyncio.create_task(self._feed(asked, shared))
        shared.subscribers += 1
        try:
            yield shared
        finally:
            shared.subscribers -= 1
            if not shared.subscribers:
                await self._end(asked.key, shared)

    async def _end(self, key: Hashable, shared: _Shared) -> None:
        self._forget(key, shared)
        assert shared.task is not None
        shared.task.cancel()
        await asyncio.wait({shared.task})

    def _forget(self, key: Hashable, shared: _Shared) -> None:
        """Whoever comes from now on does not join it."""
        if self._shared.get(key) is shared:
            del self._shared[key]

    async def _feed(self, asked: _Asked, shared: _Shared) -> None:
        """Execute once, for all who joined."""
        broadcast = shared.broadcast
        try:
            async with aclosing(self._execute(asked, shared.stretch)) as messages:
                async for message in messages:
                    broadcast.add(message)
                    if message.is_last:
                        return
                    await broadcast.demand()
            broadcast.break_off([GraphQLError("the stream ended without an end")])
        except BrokenOff as broken:
            broadcast.break_off(broken.reason)
        except Exception as error:
            errors = [GraphQLError("", original_error=error)]
            tell_all(errors)
            broadcast.break_off(errors)
        finally:
            self._forget(asked.key, shared)

    async def _execute(self, asked: _Asked, stretch: Stretch) -> AsyncGenerator[Message, None]:
        """One execution of one stretch, as messages. Raises BrokenOff."""
        results = await self._schema.subscribe(
            asked.request.query,
            variable_values=asked.request.variables,
            context_value=asked.context.of_stretch(stretch),
            operation_name=asked.request.operation_name,
        )
        async with aclosing(results):
            async for result in results:
                assert isinstance(result, ExecutionResult), "incremental delivery is off"
                if result.data is None:
                    # After a batch that is missing nothing may follow, and least of all an end.
                    raise BrokenOff(result.errors or [])
                start, seen = stretch.before
                yield Message(
                    text=encode(payload_of(result)).decode(),
                    cursor=stretch.cursor,
                    start=start,
                    seen=seen,
                    end=stretch.position,
                    is_last=stretch.end is not None,
                )
