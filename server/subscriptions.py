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
from dataclasses import dataclass, replace

from graphql import GraphQLError
from strawberry.types.execution import ExecutionResult

from graph.context import Context
from graph.errors import tell_all
from graph.schema import Schema
from graph.sharing import sharing_key, subscription_of
from live.broadcast import Broadcast, BrokenOff, Message, Outlet
from live.stretch import Stretch
from server.graphql_answer import encode, payload_of
from server.graphql_request import GraphQLRequest


@dataclass(frozen=True, slots=True)
class Asked:
    """What one subscriber asked for."""

    request: GraphQLRequest
    context: Context
    #: Equal for all who are to get the same; None where the execution is this subscriber's alone.
    key: Hashable
    is_history: bool = True
    #: A cursor that counts instead of the one in the request.
    resume: str | None = None


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


class _Handed:
    """Hands messages to whoever takes them from its queue, and at last how it went."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[Message | Exception | None] = asyncio.Queue(maxsize=1)

    def try_send(self, message: Message) -> bool:
        if self.queue.full():
            return False
        self.queue.put_nowait(message)
        return True

    async def send(self, message: Message) -> None:
        await self.queue.put(message)


class Subscriptions:
    """All subscriptions of this process."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._shared: dict[Hashable, _Shared] = {}

    async def find(
        self, request: GraphQLRequest, context: Context, *, resume: str | None = None
    ) -> Asked | None:
        """What a request subscribes to; None where it does not, but asks for something else.

        `resume` is a cursor that counts instead of the one in the request.
        """
        try:
            prepared, _ = await self._schema.look_through(
                request.query, request.operation_name, request.variables, context
            )
        except (GraphQLError, ValueError, RecursionError):
            return None  # it is told when it is executed
        kind = subscription_of(prepared, request.operation_name)
        if kind is None:
            return None
        request = replace(request, query=kind.query)
        if not kind.may_share:
            return Asked(request, context, None, resume=resume)
        key = sharing_key(
            request.query,
            request.operation_name,
            request.variables,
            context.viewer.rights,
            kind.cursor_variable,
        )
        return Asked(request, context, key, kind.is_history, resume)

    async def send(self, asked: Asked, outlet: Outlet) -> None:
        """Send the messages of a subscription, up to its end.

        Raises BrokenOff with GraphQL errors where it cannot begin or go on, and what the outlet
        raises.
        """
        with asked.context.service.hub.attending():
            if asked.key is None:
                await self._alone(asked, Stretch(resume=asked.resume), outlet)
            elif asked.is_history:
                await self._history(asked, outlet)
            else:
                await self._states(asked, outlet)

    async def messages(self, asked: Asked) -> AsyncGenerator[Message, None]:
        """The same for who takes messages instead of having them sent, one at a time."""
        handed = _Handed()

        async def send() -> None:
            outcome = None
            try:
                await self.send(asked, handed)
            except Exception as error:
                outcome = error
            await handed.queue.put(outcome)

        sending = asyncio.create_task(send())
        try:
            while isinstance(next_one := await handed.queue.get(), Message):
                yield next_one
            if next_one is not None:
                raise next_one
        finally:
            sending.cancel()
            await asyncio.wait({sending})

    @property
    def executions(self) -> int:
        """How many broadcasts there are."""
        return len(self._shared)

    @property
    def resting(self) -> int:
        """How many have taken every message that there is."""
        return sum(shared.broadcast.resting for shared in self._shared.values())

    async def _history(self, asked: Asked, outlet: Outlet) -> None:
        stretch = Stretch(is_live=False, resume=asked.resume)
        while True:
            shared = self._shared.get(asked.key)
            if shared is not None and shared.broadcast.position > stretch.position:
                # To where the broadcast stands, so as to join it there.
                stretch.until = shared.broadcast.position
            await self._alone(asked, stretch, outlet)
            if stretch.end is not None:
                return
            last = await self._live(asked, stretch.position, outlet)
            if last is not None and last.is_last:
                return
            position = stretch.position if last is None else last.end
            stretch = Stretch(start=position, position=position, is_live=False)

    async def _alone(self, asked: Asked, stretch: Stretch, outlet: Outlet) -> None:
        """Send one stretch to this subscriber alone."""
        async with aclosing(self._execute(asked, stretch)) as messages:
            async for message in messages:
                await outlet.send(message)

    async def _live(self, asked: Asked, position: int, outlet: Outlet) -> Message | None:
        """Send the broadcast from a position on, as long as it keeps it; the last message."""
        window = asked.context.service.policy.batch_window.total_seconds()
        async with self._joined(asked, Stretch(start=position, window=window)) as shared:
            # What was read just now may be ahead of what the broadcast was woken for.
            await shared.broadcast.reached(position)
            number = shared.broadcast.number_at(position, shared.seen)
            return None if number is None else await shared.broadcast.send(number, outlet)

    async def _states(self, asked: Asked, outlet: Outlet) -> None:
        async with self._joined(asked, Stretch()) as shared:
            while True:
                opening = await shared.broadcast.opening()
                shared.broadcast.ask()
                await shared.stretch.newcomers.join()
                number = shared.broadcast.next_number
                await outlet.send(opening)
                await shared.broadcast.send(number, outlet)

    @asynccontextmanager
    async def _joined(self, asked: Asked, stretch: Stretch) -> AsyncIterator[_Shared]:
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

    async def _feed(self, asked: Asked, shared: _Shared) -> None:
        """Execute once, for all who joined."""
        broadcast = shared.broadcast
        try:
            async with aclosing(self._execute(asked, shared.stretch)) as messages:
                async for message in messages:
                    if message.is_last:
                        self._forget(asked.key, shared)
                    await broadcast.add(message)
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

    async def _execute(self, asked: Asked, stretch: Stretch) -> AsyncGenerator[Message, None]:
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
                    payload=encode(payload_of(result)),
                    cursor=stretch.cursor,
                    start=start,
                    seen=seen,
                    end=stretch.position,
                    is_last=stretch.end is not None,
                )
