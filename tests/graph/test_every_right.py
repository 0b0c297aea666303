"""The whole schema, asked for by every role: each gets what the table of rights gives it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from graph.schema import schema
from resolvers.rights import FIELDS, META_FIELDS, ROLES, Right
from resolvers.service import Service
from resolvers.viewer import Role
from tests.graph.logins import EVERYBODY, ask, client_of, codes, token_of
from tests.graph.support import UNKNOWN, app_of
from tests.graph.test_rights import OPERATING, REPORTING

REFUSALS = {"FORBIDDEN", "UNAUTHENTICATED"}

#: What stands in a required argument, by its coordinate.
SAMPLES = {
    "Query.node(id:)": f'"run_{UNKNOWN}"',
    "Query.nodes(ids:)": "[]",
    "Query.run(id:)": f'"run_{UNKNOWN}"',
    "Query.sharedReport(token:)": '"x"',
    "RunStats.buckets(size:)": "DAY",
    "Subscription.logLines(runId:)": f'"run_{UNKNOWN}"',
    "Subscription.stepTransitions(runId:)": f'"run_{UNKNOWN}"',
} | {f"Mutation.{name}(input:)": given for name, given in {**OPERATING, **REPORTING}.items()}


@dataclass(frozen=True)
class Way:
    """How a document gets to a type, and what it asks for on the way."""

    head: str
    tail: str
    rights: frozenset[Right]

    def to(self, parent: str, name: str, field: GraphQLField) -> Way:
        right = FIELDS[parent][name]
        asked = f"{name}{_arguments(parent, name, field)}"
        return Way(f"{self.head} {{ {asked}", f"}} {self.tail}", self.rights | {right})

    def on(self, name: str) -> Way:
        """The same for one of an interface's types."""
        return Way(f"{self.head} {{ ... on {name}", f"}} {self.tail}", self.rights)

    def document(self, leaf: str) -> str:
        return f"{self.head} {leaf} {self.tail}"


def _arguments(parent: str, name: str, field: GraphQLField) -> str:
    required = [arg for arg, type_ in field.args.items() if is_required_argument(type_)]
    given = ", ".join(f"{arg}: {SAMPLES[f'{parent}.{name}({arg}:)']}" for arg in required)
    return f"({given})" if given else ""


def _ways() -> Iterator[tuple[str, Way]]:
    """Every field of the schema once, by the shortest way there."""
    roots = {"query": "Query", "mutation": "Mutation", "subscription": "Subscription"}
    due = [(root, Way(operation, "", frozenset())) for operation, root in roots.items()]
    seen = set(roots.values())
    for parent, way in due:
        type_ = schema.graphql.type_map[parent]
        assert isinstance(type_, (GraphQLObjectType, GraphQLInterfaceType))
        for name, field in type_.fields.items():
            further = way.to(parent, name, field)
            inner = get_named_type(field.type)
            leaf = "" if is_leaf_type(inner) else "{ __typename }"
            yield f"{parent}.{name}", Way(further.document(leaf), "", further.rights)
            if not is_leaf_type(inner) and inner.name not in seen:
                seen.add(inner.name)
                due.append((inner.name, further))
            if isinstance(inner, GraphQLInterfaceType):
                for possible in schema.graphql.get_possible_types(inner):
                    if possible.name not in seen:
                        seen.add(possible.name)
                        part = Way(
                            f"{further.head} {{ ... on {possible.name}",
                            further.tail,
                            further.rights,
                        )
                        due.append((possible.name, Way(part.head, f"}} {part.tail}", part.rights)))


WAYS = dict(_ways())


def test_every_field_of_the_schema_is_asked_for() -> None:
    assert {name.partition(".")[0] for name in WAYS} == set(FIELDS)
    assert set(WAYS) == {f"{type_}.{field}" for type_, lines in FIELDS.items() for field in lines}


def may(role: Role | None, rights: frozenset[Right]) -> bool:
    return all(role in ROLES[right] for right in rights)


@pytest.mark.parametrize("role", EVERYBODY, ids=str)
async def test_each_role_gets_what_the_table_gives_it(service: Service, role: Role | None) -> None:
    token = await token_of(service, role) if role else None
    wrong = []
    async with client_of(app_of(service, requires_login=True), token) as http:
        for name, way in WAYS.items():
            if way.head.startswith("subscription"):
                continue
            answer = await ask(http, way.head)
            assert "GRAPHQL_VALIDATION_FAILED" not in codes(answer), (way.head, answer)
            if bool(codes(answer) & REFUSALS) == may(role, way.rights):
                wrong.append((name, answer))
    assert wrong == []


@pytest.mark.parametrize("role", EVERYBODY, ids=str)
async def test_each_role_may_subscribe_as_the_table_says(
    service: Service, role: Role | None
) -> None:
    token = await token_of(service, role) if role else None
    events = {"Accept": "text/event-stream"}
    async with client_of(app_of(service, requires_login=True), token) as http:
        for way in WAYS.values():
            # The list would go on for ever; it stands in the same table.
            if way.head.startswith("subscription") and "runUpdates" not in way.head:
                response = await http.post("/graphql", json={"query": way.head}, headers=events)
                refused = any(code in response.text for code in REFUSALS)
                assert refused != may(role, way.rights), way.head


@pytest.mark.parametrize("role", EVERYBODY, ids=str)
@pytest.mark.parametrize("field", META_FIELDS)
async def test_the_schema_is_told_to_whom_the_table_says(
    service: Service, role: Role | None, field: str
) -> None:
    query = {
        "__schema": "{ __schema { description } }",
        "__type": '{ __type(name: "Run") { name } }',
    }
    token = await token_of(service, role) if role else None
    async with client_of(app_of(service, requires_login=True), token) as http:
        answer = await ask(http, query.get(field, "{ __typename }"))
    assert bool(codes(answer) & REFUSALS) != (role in ROLES[META_FIELDS[field]])


async def test_a_fragment_and_a_skipped_field_take_the_right_too(service: Service) -> None:
    token = await token_of(service, Role.VIEWER)
    queries = (
        "{ ...F } fragment F on Query { ...G } fragment G on Query { auditEntries { totalCount } }",
        "{ ... on Query { auditEntries @skip(if: true) { totalCount } } }",
        "query A { __typename } query B { auditEntries { totalCount } }",
    )
    async with client_of(app_of(service, requires_login=True), token) as http:
        for query in queries[:2]:
            assert codes(await ask(http, query)) == {"FORBIDDEN"}
        body = {"query": queries[2], "operationName": "A"}
        assert "errors" not in (await http.post("/graphql", json=body)).json()
        body["operationName"] = "B"
        assert codes((await http.post("/graphql", json=body)).json()) == {"FORBIDDEN"}
