"""GraphQL Code Generator makes types of the schema and of a page's operations that can be used."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from graphql import GraphQLScalarType

from graph.schema import schema
from tests.support.node import CLIENTS, installed, run_node
from tests.support.service import ROOT

SOURCES = CLIENTS / "codegen"
#: `strictScalars`: a scalar that is not told of here is an error, and not an `any`.
SCALARS = {"strictScalars": True, "scalars": {"DateTime": "string", "JSON": "unknown"}}
CHECK = ("--noEmit", "--strict", "--target", "es2022", "--module", "nodenext")


def generate(folder: Path) -> None:
    """Writes schema.ts and operations.ts."""
    config = {
        "schema": str(ROOT / "schema.graphql"),
        "documents": str(SOURCES / "*.graphql"),
        "config": SCALARS,
        "generates": {
            str(folder / "schema.ts"): {"plugins": ["typescript"]},
            str(folder / "operations.ts"): {"plugins": ["typescript-operations"]},
        },
    }
    (folder / "codegen.json").write_text(json.dumps(config))
    arguments = ("--config", folder / "codegen.json", "--errors-only")
    run_node("node_modules/@graphql-codegen/cli/cjs/bin.js", *arguments, cwd=installed(CLIENTS))


def test_types_are_made_for_every_scalar_and_pass_the_type_checker(tmp_path: Path) -> None:
    generate(tmp_path)
    shutil.copy(SOURCES / "use.ts", tmp_path)
    run_node("node_modules/typescript/lib/tsc.js", *CHECK, tmp_path / "use.ts", cwd=CLIENTS)
    made = (tmp_path / "schema.ts").read_text()
    for name, type_ in schema.graphql.type_map.items():
        if isinstance(type_, GraphQLScalarType):
            assert f"  {name}: {{ input: " in made
