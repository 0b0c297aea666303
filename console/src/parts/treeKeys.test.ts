import assert from "node:assert/strict";
import { test } from "node:test";
import { type TreeRow, treeMove } from "./treeKeys.ts";

const ROWS: TreeRow[] = [
  { key: "a", level: 1, isOpen: true },
  { key: "a.b", level: 2, isOpen: false },
  { key: "a.c", level: 2 },
  { key: "d", level: 1 },
];

test("right opens what is closed, and goes into what is open", () => {
  assert.deepEqual(treeMove(ROWS, 1, "ArrowRight"), { isOpen: true });
  assert.deepEqual(treeMove(ROWS, 0, "ArrowRight"), { goTo: 1 });
  assert.deepEqual(treeMove(ROWS, 2, "ArrowRight"), { goTo: 2 });
});

test("left closes what is open, and goes out of what is closed", () => {
  assert.deepEqual(treeMove(ROWS, 0, "ArrowLeft"), { isOpen: false });
  assert.deepEqual(treeMove(ROWS, 2, "ArrowLeft"), { goTo: 0 });
  assert.deepEqual(treeMove(ROWS, 3, "ArrowLeft"), { goTo: 3 });
});

test("nothing goes beyond the first and the last row", () => {
  const moves = ["ArrowUp", "PageUp", "Home"].map((key) => treeMove(ROWS, 0, key));
  assert.deepEqual(moves, Array(3).fill({ goTo: 0 }));
  const back = ["ArrowDown", "PageDown", "End"].map((key) => treeMove(ROWS, 3, key));
  assert.deepEqual(back, Array(3).fill({ goTo: 3 }));
});

test("other keys are left to others", () => {
  assert.equal(treeMove(ROWS, 0, "Tab"), null);
  assert.equal(treeMove(ROWS, 0, "Enter"), "press");
});
