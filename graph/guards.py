"""Who may do what. Each mutation and each subscription declares one of these guards.

Reading is for every role. A reporter is a program and an operator a person: neither may do the
other's work, an admin may do both.
"""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn

from strawberry.permission import BasePermission

from graph.context import Context, Info
from resolvers.errors import ApiError
from resolvers.service import Role, Viewer


class Forbidden(ApiError):
    """The viewer's role does not allow it."""

    code = "FORBIDDEN"


class Guard(BasePermission):
    """Lets the roles through that it names. Synchronous, since it stands before every call."""

    roles: ClassVar[frozenset[Role]]

    @classmethod
    def admits(cls, viewer: Viewer) -> bool:
        return viewer.role in cls.roles

    def has_permission(self, source: Any, info: Info, **kwargs: Any) -> bool:
        context: Context = info.context
        return self.admits(context.viewer)

    def on_unauthorized(self) -> NoReturn:
        expected = " or ".join(sorted(role.lower() for role in self.roles))
        raise Forbidden(f"this takes the role {expected}")


class MayRead(Guard):
    roles = frozenset(Role)


class MayReport(Guard):
    """For what agents tell."""

    roles = frozenset({Role.REPORTER, Role.ADMIN})


class MayOperate(Guard):
    """For what people change: cancel, delete, restore, share."""

    roles = frozenset({Role.OPERATOR, Role.ADMIN})
