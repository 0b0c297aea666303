"""All mutations together."""

from __future__ import annotations

from strawberry.tools import create_type

from graph.mutations.append_logs import append_logs
from graph.mutations.attempts import schedule_retry, start_attempt
from graph.mutations.cancel_runs import cancel_runs
from graph.mutations.delete_runs import delete_runs, delete_runs_matching, restore_runs
from graph.mutations.end_run import complete_run, confirm_cancel, fail_run
from graph.mutations.heartbeat import heartbeat
from graph.mutations.share_report import revoke_report_share, share_report
from graph.mutations.start_run import start_run
from graph.mutations.update_steps import update_steps

_PEOPLE_CHANGE = [
    delete_runs,
    delete_runs_matching,
    restore_runs,
    cancel_runs,
    share_report,
    revoke_report_share,
]
_AGENTS_TELL = [
    start_run,
    append_logs,
    update_steps,
    schedule_retry,
    start_attempt,
    heartbeat,
    confirm_cancel,
    complete_run,
    fail_run,
]

Mutation = create_type(
    "Mutation",
    [*_PEOPLE_CHANGE, *_AGENTS_TELL],
    description=(
        "What people change, and what agents tell. `userErrors` tell of the state of data; rights, "
        "limits and malformed arguments are GraphQL errors. What people do to several runs goes "
        "through one by one; what an agent tells goes through whole or not at all. Each call of an "
        "agent names the attempt that it speaks for, and told twice changes nothing more."
    ),
)
