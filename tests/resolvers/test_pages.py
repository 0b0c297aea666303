"""What a connection's arguments ask for."""

import pytest

from resolvers.errors import BadInput
from resolvers.pages import PageRequest


@pytest.mark.parametrize(
    ("arguments", "request_made"),
    [
        ((None, None, None, None), PageRequest(20)),
        ((5, None, None, None), PageRequest(5)),
        ((200, "a", None, None), PageRequest(200, after="a")),
        ((5, None, None, "b"), PageRequest(5, before="b")),
        ((None, "a", None, None), PageRequest(20, after="a")),
        ((None, None, 5, None), PageRequest(5, backwards=True)),
        ((None, "a", 5, "b"), PageRequest(5, "a", "b", backwards=True)),
        ((None, None, None, "b"), PageRequest(20, before="b", backwards=True)),
        ((None, "a", None, "b"), PageRequest(20, "a", "b")),
    ],
)
def test_arguments_make_a_request(
    arguments: tuple[int | None, str | None, int | None, str | None], request_made: PageRequest
) -> None:
    assert PageRequest.of(*arguments) == request_made


def test_a_list_that_is_read_from_its_end_pages_backwards_unless_told() -> None:
    def of(*arguments: object) -> PageRequest:
        return PageRequest.of(*arguments, default=100, maximum=1000, from_end=True)  # type: ignore[arg-type]

    assert of(None, None, None, None) == PageRequest(100, backwards=True)
    assert of(None, "a", None, None) == PageRequest(100, after="a")
    assert of(1000, None, None, None) == PageRequest(1000)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, None, None, None), "first: expected a number from 1 to 200, got 0"),
        ((-1, None, None, None), "first: expected a number from 1 to 200, got -1"),
        ((201, None, None, None), "first: expected a number from 1 to 200, got 201"),
        ((None, None, 0, None), "last: expected a number from 1 to 200, got 0"),
        ((None, None, 201, None), "last: expected a number from 1 to 200, got 201"),
        ((1, None, 1, None), "last: expected nothing beside first, got 1"),
    ],
)
def test_numbers_that_cannot_be_are_refused(
    arguments: tuple[int | None, str | None, int | None, str | None], message: str
) -> None:
    with pytest.raises(BadInput) as caught:
        PageRequest.of(*arguments)
    assert caught.value.message == message
