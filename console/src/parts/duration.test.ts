import assert from "node:assert/strict";
import { test } from "node:test";
import { durationText } from "./duration.ts";

test("a duration is told in its two largest units", () => {
  const told = [0, 0.44, 9.99, 12.7, 59.9, 60, 185, 3600, 7830, 356_400].map(durationText);
  assert.deepEqual(told, [
    "0 s",
    "0.4 s",
    "9.9 s",
    "12 s",
    "59 s",
    "1 min",
    "3 min 5 s",
    "1 h",
    "2 h 10 min",
    "4 d 3 h",
  ]);
});
