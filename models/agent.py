"""Agents and clusters: named once, made at their first mention, never deleted."""

from __future__ import annotations

from tortoise import Model, fields

from models.fields import InstantField
from models.states import AgentKind


class Named(Model):
    """What runs refer to by name. Names match exactly; `folded_name` serves `nameContains`."""

    id = fields.UUIDField(primary_key=True)
    name = fields.TextField()
    folded_name = fields.TextField()
    description = fields.TextField(default="")
    created_at = InstantField()

    class Meta:
        abstract = True


class Agent(Named):
    kind = fields.CharEnumField(AgentKind, max_length=16, default=AgentKind.TASK)

    class Meta:
        table = "agent"


class Cluster(Named):
    class Meta:
        table = "cluster"
