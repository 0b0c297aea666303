import assert from "node:assert/strict";
import { test } from "node:test";
import { CombinedError } from "urql";
import type { RunHeadFragment } from "./head.gen.ts";
import { learn, type News, UNKNOWN } from "./liveRun.ts";

const at = (revision: number) => ({ id: "run_1", revision }) as RunHeadFragment;
const told = (revision: number): News => ({ type: "told", kind: "CHANGED", run: at(revision) });
const read = (revision: number): News => ({ type: "read", run: at(revision) });
const DELETED: News = { type: "told", kind: "DELETED", run: null };
const error = new CombinedError({ networkError: new Error("away") });

const after = (...news: News[]) => news.reduce(learn, UNKNOWN);

test("of two states the newer counts, whichever comes first", () => {
  assert.equal(after(read(1), told(2)).run?.revision, 2);
  assert.equal(after(told(2), read(1)).run?.revision, 2);
});

test("a run that is deleted while it is looked at is told from one that never was", () => {
  assert.deepEqual(after(read(1), DELETED), { ...UNKNOWN, run: null, wasDeleted: true });
  assert.deepEqual(after({ type: "read", run: null }), { ...UNKNOWN, run: null });
});

test("a run that is restored is there again", () => {
  const entered: News = { type: "told", kind: "ENTERED", run: at(3) };
  assert.deepEqual(after(read(1), DELETED, entered), { ...UNKNOWN, run: at(3) });
});

test("a reading that fails takes nothing from the page", () => {
  assert.equal(after({ type: "failed", error }).error, error);
  assert.deepEqual(after(read(1), { type: "failed", error }), after(read(1)));
});

test("RESET alone changes nothing: the run is read again", () => {
  assert.deepEqual(after(read(1), { type: "told", kind: "RESET", run: null }), after(read(1)));
});
