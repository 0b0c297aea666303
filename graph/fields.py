"""Strawberry's decorators with the types that they lack, and with what ours must say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import strawberry
from strawberry.extensions import FieldExtension
from strawberry.extensions.field_extension import AsyncExtensionResolver
from strawberry.types.field import StrawberryField

from graph.context import Info

Resolver = Callable[..., Any]
Decorator = Callable[[Resolver], StrawberryField]


class FreshLoaders(FieldExtension):
    """One operation may hold several mutations, which run one behind the other.

    What the loaders remember from before a mutation may be what it changes. And none begins once
    the answer is too large.
    """

    async def resolve_async(
        self, next_: AsyncExtensionResolver, source: Any, info: Info, **kwargs: Any
    ) -> Any:
        info.context.answer_size.check()
        info.context.renew_loaders()
        return await next_(source, info, **kwargs)


def computed(description: str | None = None) -> Decorator:
    """A field that a method computes when it is asked for."""

    def decorate(resolver: Resolver) -> StrawberryField:
        return strawberry.field(resolver, description=description)

    return decorate


def mutation(description: str) -> Decorator:
    """A mutation; resolvers/rights.py says for whom."""

    def decorate(resolver: Resolver) -> StrawberryField:
        return strawberry.mutation(
            resolver,
            extensions=[FreshLoaders()],
            description=description,
        )

    return decorate


def subscription(description: str) -> Decorator:
    """A subscription; resolvers/rights.py says for whom."""

    def decorate(resolver: Resolver) -> StrawberryField:
        return strawberry.subscription(resolver, description=description)

    return decorate
