"""Where the service is: the common option `--url`, and the addresses that follow from it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Annotated

import typer

DEFAULT_URL = "http://127.0.0.1:8000"

#: The environment variable that holds a token.
TOKEN = "AGENT_RUNS_TOKEN"
#: The one that holds the id of the Copilot session in which a command is run.
COPILOT_SESSION = "AGENT_RUNS_COPILOT_SESSION"
#: Characters that the service takes of its id (docs/login.md).
MAX_SESSION = 200

#: What to tell of a service that does not answer.
HINT = "is `agent-runs serve` running there? Say where it is with --url or AGENT_RUNS_URL"

UrlOption = Annotated[
    str,
    typer.Option(
        "--url",
        envvar="AGENT_RUNS_URL",
        metavar="URL",
        help="Where the service is, path prefix included.",
    ),
]


def copilot_session() -> str:
    """The session of the environment, "" where there is none. Raises BadParameter."""
    told = os.environ.get(COPILOT_SESSION, "")
    if len(told) > MAX_SESSION or not (told.isascii() and told.isprintable()):
        raise typer.BadParameter(
            f"expected at most {MAX_SESSION} printable characters of ASCII, got {told[:60]!r}",
            param_hint=COPILOT_SESSION,
        )
    return told


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The GraphQL addresses of the service at `url`, which may have a path prefix."""

    url: str
    #: By which the service knows who asks. From the environment only: what stands on a command
    #: line is read by everybody on the machine.
    token: str = field(default_factory=lambda: os.environ.get(TOKEN, ""), repr=False)
    #: For the service's audit; "" outside of any.
    copilot_session: str = field(default_factory=copilot_session)

    def __post_init__(self) -> None:
        if not self.url.startswith(("http://", "https://")):
            raise typer.BadParameter(
                f"expected an address such as {DEFAULT_URL}, got {self.url!r}", param_hint="--url"
            )

    @property
    def graphql(self) -> str:
        return f"{self.url.rstrip('/')}/graphql"

    @property
    def websocket(self) -> str:
        """The same by the WebSocket scheme: `ws` for `http`, `wss` for `https`."""
        return "ws" + self.graphql.removeprefix("http")
