import assert from "node:assert/strict";
import { test } from "node:test";
import { JsonValue } from "../api/json.ts";
import { allOpen, jsonRows, MAX_EXPANDED_ROWS } from "./jsonRows.ts";

test("what is closed shows nothing of what it holds", () => {
  const value = new JsonValue('{"a": [1, 2], "b": {}}');
  assert.deepEqual(
    jsonRows(value, new Set([value])).map(({ path, level, isOpen }) => [path, level, isOpen]),
    [
      ["$", 1, true],
      ["$.a", 2, false],
      ["$.b", 2, undefined],
    ],
  );
});

test("a path can be told apart whatever the name is", () => {
  const value = new JsonValue('{"a b": [{"c": 1}], "": 0}');
  assert.deepEqual(
    jsonRows(value, allOpen(value)).map(({ path }) => path),
    ["$", '$["a b"]', '$["a b"][0]', '$["a b"][0].c', '$[""]'],
  );
});

test("names that are there twice have rows of their own", () => {
  const rows = jsonRows(...opened('{"a": 1, "a": 2}'));
  assert.equal(new Set(rows.map(({ key }) => key)).size, 3);
});

test("expanding all stops before the rows are too many", () => {
  const rows = jsonRows(...opened(JSON.stringify(Array(2_000).fill(Array(100).fill(0)))));
  assert.ok(rows.length > MAX_EXPANDED_ROWS - 100 && rows.length <= MAX_EXPANDED_ROWS);
});

function opened(text: string): [JsonValue, Set<JsonValue>] {
  const value = new JsonValue(text);
  return [value, allOpen(value)];
}
