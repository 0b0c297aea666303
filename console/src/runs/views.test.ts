import assert from "node:assert/strict";
import { test } from "node:test";
import { queryOf, readFilter } from "./filter.ts";
import { BUILT_IN, renamed, withoutView, withView } from "./views.ts";

const MINE = { name: "Mine", query: "by=ada" };
const NIGHTLY = { name: "Nightly", query: "agent=nightly-etl" };

test("a view takes the place of one of its name", () => {
  const views = withView(withView([], MINE), NIGHTLY);
  assert.deepEqual(withView(views, { ...MINE, query: "by=bob" }), [{ ...MINE, query: "by=bob" }, NIGHTLY]);
});

test("a view is renamed in its place, and there is one of each name", () => {
  assert.deepEqual(renamed([MINE, NIGHTLY], "Mine", "Ada's"), [{ ...MINE, name: "Ada's" }, NIGHTLY]);
  assert.deepEqual(renamed([MINE, NIGHTLY], "Mine", "Nightly"), [{ ...MINE, name: "Nightly" }]);
  assert.deepEqual(withoutView([MINE, NIGHTLY], "Mine"), [NIGHTLY]);
});

test("the built-in views are addresses as the list writes them", () => {
  for (const { query } of BUILT_IN) {
    const { filter, dropped } = readFilter(query);
    assert.deepEqual([queryOf(filter), dropped], [query, []]);
  }
});
