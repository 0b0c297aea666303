"""The short version of the rounds: every kind of fault once. `make chaos` is the long one."""

from pathlib import Path

import pytest

from tests.chaos import faults
from tests.chaos.faults import Fault
from tests.chaos.rounds import Act
from tests.support.engines import Engines

#: Half a minute on two cores; each start of a service may take that long on a busy machine.
pytestmark = pytest.mark.timeout(300)

SEED = 4
#: How long faults last, at most.
SECONDS = 1.5


@pytest.mark.parametrize(
    ("transport", "shape", "struck"),
    [
        (
            "valkey",
            (1, 1),
            (faults.kill_a_service, faults.muddle_messages, faults.stop_a_process),
        ),
        ("nats", (2,), (faults.kill_the_broker, faults.kill_a_worker, faults.cut_the_broker_off)),
        ("postgres", (1, 1), (faults.kill_the_database, faults.muddle_messages)),
    ],
)
async def test_every_acknowledged_line_comes_once_and_in_order_whatever_goes_wrong(
    engines: Engines,
    tmp_path: Path,
    transport: str,
    shape: tuple[int, ...],
    struck: tuple[Fault, ...],
) -> None:
    act = Act(SEED, 0, transport, shape, struck, SECONDS)
    async for line in act.play(engines, tmp_path):
        print(line)
