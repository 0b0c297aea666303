"""Values that people give on the command line: inputs and labels."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NoReturn

import orjson

from server.cli.client import Json


def inputs_of(text: str | None, pairs: Iterable[str]) -> Json:
    """A run's inputs from `--inputs JSON` and `--input KEY=VALUE`, the latter on top.

    A VALUE is JSON where it reads as such and a string else: `n=3` is a number, `name=three` a
    string. Numbers keep their digits (`1.10` stays so). Raises ValueError with what was expected.
    """
    inputs: Json = {}
    if text is not None:
        given = _json(text)
        if not isinstance(given, dict):
            raise ValueError(f"--inputs: expected a JSON object, got {text[:60]!r}")
        inputs |= given
    for pair in pairs:
        key, value = _pair("--input", "KEY=VALUE", pair)
        try:
            inputs[key] = _json(value)
        except ValueError:
            inputs[key] = value
    return inputs


def labels_of(pairs: Iterable[str], option: str = "--label") -> list[Json]:
    """LabelInputs from `NAME=VALUE`. Raises ValueError."""
    split = [_pair(option, "NAME=VALUE", pair) for pair in pairs]
    return [{"name": name, "value": value} for name, value in split]


def _pair(option: str, form: str, pair: str) -> tuple[str, str]:
    name, equals, value = pair.partition("=")
    if not equals or not name:
        raise ValueError(f"{option}: expected {form}, got {pair[:60]!r}")
    return name, value


def _json(text: str) -> Any:
    """Reads JSON by its spec (RFC 8259), with numbers as they are written."""
    try:
        return json.loads(
            text, parse_int=orjson.Fragment, parse_float=orjson.Fragment, parse_constant=_no_json
        )
    except (ValueError, RecursionError) as error:
        raise ValueError(f"expected JSON ({error}), got {text[:60]!r}") from error


def _no_json(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
