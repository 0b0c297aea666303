import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { buildSchema, getNamedType, isObjectType } from "graphql";
import { JSON_FIELDS } from "./exact.ts";

test("each field of the scalar JSON is read as a text, and no other field has such a name", () => {
  const schema = buildSchema(readFileSync(new URL("../../../schema.graphql", import.meta.url), "utf8"));
  const fields = Object.values(schema.getTypeMap())
    .filter((type) => isObjectType(type))
    .flatMap((type) => Object.values(type.getFields()));
  const isJson = (field: (typeof fields)[number]) => getNamedType(field.type).name === "JSON";
  assert.deepEqual(new Set(fields.filter(isJson).map(({ name }) => name)), JSON_FIELDS);
  assert.ok(fields.every((field) => isJson(field) || !JSON_FIELDS.has(field.name)));
});
