"""Columns that hold the same value on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tortoise import Model, fields

from models.instants import from_micros, to_micros


class InstantField(fields.BigIntField):
    """An aware datetime in UTC, stored as microseconds since the epoch (BIGINT)."""

    field_type = datetime

    def to_db_value(self, value: Any, instance: type[Model] | Model) -> Any:
        # Besides times there come None, integers and expressions: they stay as they are.
        return to_micros(value) if isinstance(value, datetime) else value

    def to_python_value(self, value: Any) -> Any:
        return from_micros(value) if isinstance(value, int) else value
