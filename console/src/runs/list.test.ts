import assert from "node:assert/strict";
import { test } from "node:test";
import { type Asked, idAt, type List, learn, type News, NOTHING, rowCount } from "./list.ts";

const ASKED: Asked = { query: "", filter: {}, orderBy: { field: "STARTED_AT", direction: "DESC" } };

const read = (after: string | null, ids: string[], next: string | null): News => ({
  type: "read",
  asked: ASKED,
  after,
  ids,
  next,
  epoch: 0,
  canAct: true,
});
const told = (kind: "ENTERED" | "CHANGED" | "LEFT" | "DELETED" | "RESET", id: string | null): News => ({
  type: "told",
  kind,
  id,
});
const after = (...news: News[]): List => news.reduce(learn, NOTHING);

test("pages follow one another, and a run that comes twice stands where it came first", () => {
  const list = after(read(null, ["e", "d"], "d"), read("d", ["d", "c"], "c"), read("c", ["b"], null));
  assert.equal(rowCount(list), 4);
  assert.deepEqual(
    [0, 1, 2, 3, 4].map((index) => idAt(list, index)),
    ["e", "d", "c", "b", undefined],
  );
  assert.equal(list.next, null);
});

test("a page that somebody asked for before the list was read anew is not taken", () => {
  const list = after(read(null, ["e", "d"], "d"), read("x", ["c"], null));
  assert.equal(rowCount(list), 2);
});

test("what enters waits, moves nothing, and is there once the list is read anew", () => {
  const list = after(
    read(null, ["b", "a"], null),
    told("ENTERED", "c"),
    told("ENTERED", "d"),
    told("LEFT", "d"),
  );
  assert.deepEqual([...list.waiting], ["c"]);
  assert.equal(idAt(list, 0), "b");
  const again = [{ type: "asked" } as const, read(null, ["c", "b", "a"], null)].reduce<List>(learn, list);
  assert.equal(again.waiting.size, 0);
  assert.equal(idAt(again, 0), "c");
});

test("what leaves or is deleted stays in its place, marked, until it comes back", () => {
  const list = after(read(null, ["b", "a"], null), told("LEFT", "b"), told("DELETED", "a"));
  assert.deepEqual(
    [...list.absent],
    [
      ["b", "left"],
      ["a", "deleted"],
    ],
  );
  assert.equal(rowCount(list), 2);
  assert.deepEqual([...learn(list, told("ENTERED", "a")).absent.keys()], ["b"]);
});

test("a change of a run that is shown is the cache's matter", () => {
  const list = after(read(null, ["b"], null));
  assert.equal(learn(list, told("CHANGED", "b")), list);
  assert.equal(learn(list, told("CHANGED", "unknown")), list);
});

test("a page is looked at again after a reset, and told apart what left from what was deleted", () => {
  const list = after(read(null, ["c", "b", "a"], null), told("RESET", null));
  const [page] = list.pages;
  assert.ok(page && page.epoch !== list.epoch);
  const seen = { matching: new Set(["c"]), there: new Set(["c", "b"]) };
  const checked = learn(list, { type: "checked", page, epoch: list.epoch, since: list.absent, ...seen });
  assert.deepEqual(Object.fromEntries(checked.absent), { b: "left", a: "deleted" });
  assert.equal(checked.pages[0]?.epoch, list.epoch);
});

test("what was told while a page was looked at again is newer than what was seen", () => {
  const asked = after(read(null, ["b", "a"], null), { type: "told", kind: "RESET", id: null });
  const told = learn(asked, { type: "told", kind: "DELETED", id: "b" });
  const [page] = told.pages;
  assert.ok(page);
  const seen = { matching: new Set(["a", "b"]), there: new Set(["a", "b"]) };
  const checked = learn(told, { type: "checked", page, epoch: told.epoch, since: asked.absent, ...seen });
  assert.deepEqual(Object.fromEntries(checked.absent), { b: "deleted" });
});

test("what stands ahead after a reset waits", () => {
  const list = after(read(null, ["b"], null), { type: "ahead", ids: ["c", "b"] });
  assert.deepEqual([...list.waiting], ["c"]);
});
