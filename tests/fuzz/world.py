"""The world that is fuzzed: a real service with a login, runs in every state, and everybody."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx

from live.hub import Hub
from models.database import database
from models.visibility import EVERYTHING, Scope
from resolvers.service import Service
from resolvers.tokens import create_token
from resolvers.viewer import LOCAL_VIEWER, Role
from tests.chaos.web import Census, Web
from tests.end_to_end.client import Client, Json
from tests.end_to_end.scene import Scene
from tests.fuzz.answers import Leaks
from tests.graph.logins import headers_of
from tests.graph.sockets import PATIENCE
from tests.support.postgres import run_in_a_loop_of_its_own

#: Nothing ends by itself while it is looked at, and whoever asks much is not refused for it.
SETTINGS = {
    "REQUIRE_LOGIN": "1",
    "RATE_LIMIT": "none",
    "REFUSAL_SECONDS": "0",
    "SILENCE_SECONDS": "36000",
    "CANCEL_GRACE_SECONDS": "36000",
}
#: Where somebody with a scope may look.
MINE = "eu-1"
#: Stands in all that is elsewhere. No constant of the source, since Hypothesis tries those.
ELSEWHERE = f"elsewhere-{secrets.token_hex(4)}"


@dataclass(frozen=True)
class Person:
    """Somebody who asks: what they show, and what they may."""

    name: str
    role: Role | None
    token: str | None = field(repr=False)
    scope: Scope = EVERYTHING

    @property
    def headers(self) -> dict[str, str]:
        return headers_of(self.token)

    @property
    def sees_elsewhere(self) -> bool:
        return self.role is not None and self.scope.is_everything


class _Foreigner(Client):
    """Tells of runs elsewhere, in whose texts it stands that they are."""

    async def begin(self, **told: Any) -> str:
        place = {"agent": {"name": ELSEWHERE}, "cluster": ELSEWHERE}
        trigger = {"source": "MANUAL", "name": ELSEWHERE}
        return await super().begin(**({**place, "trigger": trigger} | told))

    async def append(self, run_id: str, offset: int, *messages: str, **told: Any) -> Json:
        texts = [f"{ELSEWHERE} {message}" for message in messages]
        return await super().append(run_id, offset, *texts, **told)


@dataclass
class World:
    """What properties look at."""

    service: Web
    people: list[Person]
    http: httpx.Client
    leaks: Leaks
    mine: Scene
    foreign: Scene

    @classmethod
    @contextmanager
    def of(cls, url: str, folder: Path) -> Iterator[Self]:
        """A fresh one over a migrated, empty database; the log is in the folder."""
        people = run_in_a_loop_of_its_own(lambda: _people(url))
        ports = {"broker": 0, "database": 0}
        with (
            Web(url, folder / "service.log", ports=ports, **SETTINGS) as service,
            httpx.Client(base_url=service.url, timeout=PATIENCE, verify=False) as http,
        ):
            admin = next(one for one in people if one.role is Role.ADMIN)
            mine, foreign = run_in_a_loop_of_its_own(lambda: _scenes(service.url, admin))
            yield cls(service, people, http, Leaks(), mine, foreign)

    def person(self, role: Role | None) -> Person:
        """Who has that role, and no scope."""
        return next(one for one in self.people if one.role is role and one.scope.is_everything)

    def census(self) -> Census:
        """What the service holds."""
        self.http.close()  # what we hold open it holds too
        self.http = httpx.Client(base_url=self.service.url, timeout=PATIENCE, verify=False)
        return asyncio.run(self.service.census(self.service.pid))

    def check_text(self, person: Person, status: int, text: str) -> None:
        """What holds for every answer of every door."""
        assert status < 500, f"{status}: {text[:2000]}"
        self.leaks.check(text)
        assert person.sees_elsewhere or ELSEWHERE not in text, f"{person.name} sees: {text[:2000]}"

    def check_log(self) -> None:
        """The service has logged no error and no traceback since the last look."""
        loud = self.service.loud_lines()
        assert not loud, f"{len(loud)} lines, the first: {loud[0][:6000]}"


async def _people(url: str) -> list[Person]:
    scope = Scope(None, frozenset({MINE}))
    async with database(url):
        service = Service(hub=Hub())

        async def person(name: str, role: Role, scope: Scope = EVERYTHING) -> Person:
            made = await create_token(service, LOCAL_VIEWER, name, role, scope, None)
            return Person(name, role, made.secret, scope)

        people = [await person(role.lower(), role) for role in Role]
        people += [
            await person(f"{role.lower()} of {MINE}", role, scope)
            for role in (Role.VIEWER, Role.OPERATOR)
        ]
    return [*people, Person("nobody", None, None)]


async def _scenes(url: str, admin: Person) -> tuple[Scene, Scene]:
    async with httpx.AsyncClient(
        base_url=url, timeout=PATIENCE, headers=admin.headers, verify=False
    ) as http:
        return await Scene.make(Client(url, http)), await Scene.make(_Foreigner(url, http))
