"""Commits that go wrong, on either database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from tortoise.backends.asyncpg.client import TransactionWrapper
from tortoise.backends.sqlite.client import SqliteTransactionWrapper

CLIENTS = (TransactionWrapper, SqliteTransactionWrapper)


@contextmanager
def one_commit_loses_its_answer() -> Iterator[None]:
    """The next commit is done, but its answer never comes."""
    with pytest.MonkeyPatch.context() as patch:
        left = [1]
        for client in CLIENTS:
            patch.setattr(client, "commit", _losing(client.commit, left))
        yield
    assert not left[0], "nothing was committed"


def _losing(commit: Any, left: list[int]) -> Any:
    async def losing(self: Any) -> None:
        await commit(self)
        if left[0]:
            left[0] = 0
            raise ConnectionResetError("the answer was lost")

    return losing


@contextmanager
def one_commit_fails(error: Exception) -> Iterator[None]:
    """The next commit is not done."""
    with pytest.MonkeyPatch.context() as patch:
        left = [1]
        for client in CLIENTS:
            patch.setattr(client, "commit", _failing(client.commit, left, error))
        yield


def _failing(commit: Any, left: list[int], error: Exception) -> Any:
    async def failing(self: Any) -> None:
        if left[0]:
            left[0] = 0
            raise error
        await commit(self)

    return failing


@contextmanager
def commits() -> Iterator[list[None]]:
    """One entry for each commit of the block."""
    with pytest.MonkeyPatch.context() as patch:
        counted: list[None] = []
        for client in CLIENTS:
            patch.setattr(client, "commit", _counting(client.commit, counted))
        yield counted


def _counting(commit: Any, counted: list[None]) -> Any:
    async def counting(self: Any) -> None:
        await commit(self)
        counted.append(None)

    return counting
