import assert from "node:assert/strict";
import { test } from "node:test";
import { BLOCK_LINES, Blocks, type Numbered } from "./blocks.ts";

function lines(from: number, count: number, message = "x"): Numbered[] {
  return Array.from({ length: count }, (_, index) => ({ sequence: from + index, message }));
}

test("a gap is what is missing of the first block that lacks something, up to what is there", () => {
  const blocks = new Blocks();
  assert.deepEqual(blocks.gap(3, 9), { from: 1, count: BLOCK_LINES });
  blocks.put(lines(1, 4));
  blocks.put(lines(11, 5));
  assert.deepEqual(blocks.gap(3, 9), { from: 5, count: 6 });
  assert.deepEqual(blocks.gap(12, 14), null);
  assert.deepEqual(blocks.gap(BLOCK_LINES, BLOCK_LINES + 1), { from: 16, count: BLOCK_LINES - 15 });
});

test("a line that comes twice is there once", () => {
  const blocks = new Blocks();
  const [first] = lines(7, 1, "first");
  blocks.put(first ? [first] : []);
  blocks.put(lines(7, 1, "again"));
  assert.equal(blocks.get(7), first);
});

test("of many blocks those used last are kept", () => {
  const blocks = new Blocks(6);
  for (let index = 0; index < 10; index++) {
    blocks.put(lines(index * BLOCK_LINES + 1, 1));
    blocks.touch(1, 1);
  }
  assert.equal(blocks.size, 6);
  assert.ok(blocks.get(1));
  assert.ok(!blocks.get(BLOCK_LINES + 1));
  assert.ok(blocks.get(9 * BLOCK_LINES + 1));
});

test("long lines count by their text, but a screen of them stays", () => {
  const blocks = new Blocks(100, 1_000);
  for (let index = 0; index < 10; index++) blocks.put(lines(index * BLOCK_LINES + 1, 1, "x".repeat(900)));
  assert.equal(blocks.size, 4);
  assert.ok(blocks.get(9 * BLOCK_LINES + 1));
});
