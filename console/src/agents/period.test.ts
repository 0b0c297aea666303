import assert from "node:assert/strict";
import { test } from "node:test";
import { beginOf, periodIn } from "./period.ts";

test("a period begins on a full minute, and all time nowhere", () => {
  const now = Date.parse("2026-11-25T02:00:31.5Z");
  assert.equal(beginOf("24h", now), "2026-11-24T02:00:00.000Z");
  assert.equal(beginOf("all", now), null);
});

test("an address that names no period means a week", () => {
  assert.equal(periodIn(new URLSearchParams("range=30d")), "30d");
  assert.equal(periodIn(new URLSearchParams("range=eternity")), "7d");
  assert.equal(periodIn(new URLSearchParams()), "7d");
});
