"""Three runs that have ended, each in its own way."""

from __future__ import annotations

from tests.server.cli.command_line import CommandLine

#: Ids by the names of the agents.
Runs = dict[str, str]


def three_runs(cli: CommandLine) -> Runs:
    """One that completes, one that fails in a nested step, one by a schedule on a cluster."""
    fails = ("sh", "-c", "echo ::group::Build; echo ::group::Link; exit 3")
    return {
        "one": cli.call("exec", "--agent", "one", "--label", "team=core", "--", "true").run_id,
        "two": cli.call("exec", "--agent", "two", "--steps", "--", *fails).run_id,
        "three": cli.call(
            *("exec", "--agent", "three", "--cluster", "prod-eu"),
            *("--trigger-source", "schedule", "--trigger-name", "nightly", "--", "true"),
        ).run_id,
    }
