"""`agent-runs exec`: runs any command as an agent run."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar
from uuid import uuid4

import typer

from server.cli.choices import AgentKind, TriggerSource
from server.cli.client import GraphQLClient, without_none
from server.cli.cluster_address import Address
from server.cli.endpoint import DEFAULT_URL, Endpoint, UrlOption
from server.cli.execution import Execution, Plan
from server.cli.running import run
from server.cli.terminal import say
from server.cli.told_values import inputs_of, labels_of

#: What follows the command's name belongs to the command, also without a `--` before it.
CONTEXT_SETTINGS = {"allow_interspersed_args": False}

T = TypeVar("T")


def command(
    argv: Annotated[list[str], typer.Argument(metavar="COMMAND", help="What to run, after a --.")],
    url: UrlOption = DEFAULT_URL,
    agent: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The agent.", show_default="the command's name"),
    ] = None,
    kind: Annotated[
        AgentKind | None,
        typer.Option(
            case_sensitive=False, help="The agent's kind.", show_default="WORKFLOW with --steps"
        ),
    ] = None,
    cluster: Annotated[str, typer.Option(metavar="NAME", help="The target cluster.")] = "local",
    cluster_address: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="Wait, as RETRYING, until this address answers."),
    ] = None,
    max_attempts: Annotated[
        int | None,
        typer.Option(min=1, help="Fail after so many attempts to reach it.", show_default="never"),
    ] = None,
    trigger_source: Annotated[
        TriggerSource, typer.Option(case_sensitive=False, help="What triggered the run.")
    ] = TriggerSource.MANUAL,
    trigger_name: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Who or what it was.", show_default="your user name"),
    ] = None,
    trigger_url: Annotated[str | None, typer.Option(metavar="URL", help="Where to see it.")] = None,
    trigger_id: Annotated[str | None, typer.Option(metavar="ID", help="Its id there.")] = None,
    inputs: Annotated[
        str | None, typer.Option(metavar="JSON", help="What the agent is given: a JSON object.")
    ] = None,
    input_: Annotated[
        list[str] | None,
        typer.Option("--input", metavar="KEY=VALUE", help="One of them; JSON or else a string."),
    ] = None,
    label: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="A label; may be repeated.")
    ] = None,
    steps: Annotated[bool, typer.Option("--steps", help="Read step marks, see above.")] = False,
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Report to send at the end: JSON (a ReportInput) or .md."
        ),
    ] = None,
    pty: Annotated[
        bool, typer.Option("--pty", help="Run it on a pseudo terminal, for programs that buffer.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Do not pass its output on.")
    ] = False,
    grace: Annotated[
        float, typer.Option(metavar="SECONDS", min=0, help="Between SIGTERM and SIGKILL.")
    ] = 10.0,
) -> None:
    """Run a command as an agent run.

    Its stdout and stderr are passed on and told line by line. Exit status 0 completes the run, any
    other fails it. A cancelled run ends the command: SIGTERM, and SIGKILL after a grace. While the
    service is away, lines wait in memory; where that is full (8 MiB), the command waits. A line of
    more than 256 KiB is sent up to there, with a note of how much was not.

    With --steps, lines of the command's output tell its steps:

    \b
    ::group::NAME       a step begins; inside another one, as its child
    ::endgroup::        the innermost open step ends
    ::error::MESSAGE    a line of level ERROR; the open step has failed
    ::warning::MESSAGE  a line of level WARNING
    ::debug::MESSAGE    a line of level DEBUG

    Where the command fails, the innermost open step is the one that failed.

    The exit status is the command's own, or 128 + N where signal N killed it; 127 where there is no
    such command, 126 where it cannot be executed; 125 where it was not started, because the service
    or the cluster was not reached or the run was cancelled before.
    """
    plan = Plan(
        argv=tuple(argv),
        start={
            "idempotencyKey": str(uuid4()),
            "agent": without_none(
                name=agent or os.path.basename(argv[0]),
                kind=kind or ("WORKFLOW" if steps else None),
            ),
            "cluster": cluster,
            "trigger": without_none(
                source=trigger_source,
                name=trigger_name or _user_name(),
                url=trigger_url,
                externalId=trigger_id,
            ),
            "inputs": _checked(lambda: inputs_of(inputs, input_ or ())),
            "labels": _checked(lambda: labels_of(label or ())),
        },
        address=_checked(lambda: Address.parse(cluster_address)) if cluster_address else None,
        max_attempts=max_attempts,
        steps=steps,
        pty=pty,
        report=report,
        quiet=quiet,
        grace_s=grace,
    )
    raise typer.Exit(run(_execute(plan, Endpoint(url))))


async def _execute(plan: Plan, endpoint: Endpoint) -> int:
    async with GraphQLClient(endpoint) as client:
        return await Execution(plan, client, say).run()


def _checked(read: Callable[[], T]) -> T:
    try:
        return read()
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _user_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an id without an entry in the system's user list
        return f"uid {os.getuid()}"
