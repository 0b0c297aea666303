"""Global ids: one text for one row."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.ids import Kind, MalformedId, global_id, new_id, parse_global_id, parse_id_of


@given(st.sampled_from(Kind), st.uuids())
def test_an_id_comes_back_as_it_went(kind: Kind, key: object) -> None:
    assert parse_global_id(global_id(kind, key)) == (kind, key)  # type: ignore[arg-type]


def test_ids_made_later_sort_later() -> None:
    ids = [new_id() for _ in range(1_000)]
    assert ids == sorted(ids)
    assert [str(key) for key in ids] == sorted(str(key) for key in ids)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "run",
        "run_",
        "run_1",
        "RUN_0199f0a4-7c1e-7a51-9d0c-5b8f0e6a1b2c",
        "run_0199F0A4-7c1e-7a51-9d0c-5b8f0e6a1b2c",
        "run_0199f0a47c1e7a519d0c5b8f0e6a1b2c",
        "run_0199f0a4-7c1e-7a51-9d0c-5b8f0e6a1b2c\n",
        "run_{0199f0a4-7c1e-7a51-9d0c-5b8f0e6a1b2c}",
        "thing_0199f0a4-7c1e-7a51-9d0c-5b8f0e6a1b2c",
        "run_0199f0a4-7c1e-7a51-9d0c-5b8f0e6a1b2c;DROP",
        "run_٠199f0a4-7c1e-7a51-9d0c-5b8f0e6a1b2c",
    ],
)
def test_what_is_no_id_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(MalformedId, match="expected an id such as run_"):
        parse_global_id(text)


def test_an_id_of_another_kind_is_refused_by_name() -> None:
    with pytest.raises(MalformedId, match=r"expected an id of a run .* got one of a step"):
        parse_id_of(Kind.RUN, global_id(Kind.STEP, new_id()))
