"""Texts that can be large are read where they are asked for, and only as far as there is room."""

from __future__ import annotations

import pytest

from models.ids import new_id
from models.run import RunWithInputs
from models.step import StepWithOutput
from resolvers.answer_size import AnswerSize, AnswerTooLarge
from resolvers.large_texts import SHORT_BYTES, texts_of
from resolvers.service import Service
from tests.support.factories import make_run, make_step
from tests.support.statements import recorded

#: Of the longest text that is read at once, in characters of two bytes, and of one that is not.
SHORT, LONG = "é" * (SHORT_BYTES // 2), "é" * (SHORT_BYTES // 2) + "x"


async def test_texts_come_in_the_order_of_their_ids_with_none_for_rows_that_are_gone(
    service: Service,
) -> None:
    runs = [await make_run(inputs=text) for text in (LONG, SHORT, "{}")]
    ids = [runs[2].id, runs[0].id, new_id(), runs[1].id]
    texts = await texts_of(RunWithInputs, "inputs", ids, AnswerSize())
    assert texts == ["{}", LONG, None, SHORT]


async def test_null_is_none(service: Service) -> None:
    run = await make_run()
    steps = [await make_step(run.id, str(n), n, output=text) for n, text in enumerate([None, "1"])]
    texts = await texts_of(StepWithOutput, "output", [step.id for step in steps], AnswerSize())
    assert texts == [None, "1"]


@pytest.mark.parametrize(("texts", "statements"), [([SHORT] * 3, 1), ([LONG, SHORT, LONG], 2)])
async def test_many_texts_cost_one_statement_and_long_ones_one_more(
    service: Service, texts: list[str], statements: int
) -> None:
    ids = [(await make_run(inputs=text)).id for text in texts]
    with recorded() as seen:
        assert await texts_of(RunWithInputs, "inputs", ids, AnswerSize()) == texts
    assert len(seen) == statements


async def test_texts_that_there_is_no_room_for_are_not_read(service: Service) -> None:
    ids = [(await make_run(inputs=LONG)).id for _ in range(2)]
    room = 2 * len(LONG.encode())
    assert await texts_of(RunWithInputs, "inputs", ids, AnswerSize(room)) == [LONG, LONG]
    with recorded() as seen, pytest.raises(AnswerTooLarge):
        await texts_of(RunWithInputs, "inputs", ids, AnswerSize(room - 1))
    assert len(seen) == 1
