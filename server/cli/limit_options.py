"""Options that are made of what they set: one for each limit, with its default and its reason."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import Field, fields
from functools import wraps
from typing import Annotated, Any

import typer

from graph.limits import DocumentLimits, bound_of, setting_name
from server.limits import DoorLimits

#: The groups of limits, by the parameter that takes them.
GROUPS = {"documents": DocumentLimits, "doors": DoorLimits}


def with_limits(command: Callable[..., None]) -> Callable[..., None]:
    """The command, whose parameters `documents` and `doors` become an option for each limit."""

    @wraps(command)
    def with_options(**told: Any) -> None:
        for parameter, group in GROUPS.items():
            values = {limit.name: told.pop(limit.name) for limit in fields(group)}
            told[parameter] = group(**values)
        command(**told)

    own = inspect.signature(command, eval_str=True).parameters.values()
    parameters = [each for each in own if each.name not in GROUPS]
    for group in GROUPS.values():
        parameters += [_parameter(limit) for limit in fields(group)]
    # typer reads both.
    with_options.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    with_options.__annotations__ = {each.name: each.annotation for each in parameters}
    return with_options


def _parameter(limit: Field[Any]) -> inspect.Parameter:
    bound = bound_of(limit)
    option = typer.Option(
        f"--{limit.name.replace('_', '-')}",
        envvar=setting_name(limit),
        help=bound.why,
        min=bound.least,
        max=bound.most,
    )
    return inspect.Parameter(
        limit.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=limit.default,
        annotation=Annotated[type(limit.default), option],
    )
