import assert from "node:assert/strict";
import { test } from "node:test";
import type { StepFactsFragment } from "./steps.gen.ts";
import { NOTHING_TOLD, type Story } from "./story.ts";
import { ancestorKeys, parentKeys, stepRows } from "./tree.ts";

/** Steps in the order of their first mention, as `key` or `key<parent`. */
function storyOf(...mentions: string[]): Story {
  const steps = mentions.map((mention, index) => {
    const [key = "", parent] = mention.split("<");
    return { key, position: index + 1, parent: parent ? { key: parent } : null } as StepFactsFragment;
  });
  return { ...NOTHING_TOLD, steps: new Map(steps.map((step) => [step.key, { step, spans: [] }])) };
}

const rowsOf = (story: Story, ...closed: string[]) =>
  stepRows(story, new Set(closed)).map(({ key, level, isOpen }) => [key, level, isOpen]);

test("parts stand below their step, each level in the order of first mention", () => {
  assert.deepEqual(rowsOf(storyOf("a", "b", "a2<a", "b1<b", "a1<a")), [
    ["a", 1, true],
    ["a2", 2, undefined],
    ["a1", 2, undefined],
    ["b", 1, true],
    ["b1", 2, undefined],
  ]);
});

test("what is closed hides all below it", () => {
  assert.deepEqual(rowsOf(storyOf("a", "b<a", "c<b", "d"), "a"), [
    ["a", 1, false],
    ["d", 1, undefined],
  ]);
});

test("a step whose parent was not told of yet stands at the top until then", () => {
  assert.deepEqual(rowsOf(storyOf("b<a")), [["b", 1, undefined]]);
});

test("a step has the steps that it is a part of for ancestors", () => {
  const story = storyOf("a", "b<a", "c<b", "d");
  assert.deepEqual(ancestorKeys(story, "c"), ["b", "a"]);
  assert.deepEqual(ancestorKeys(story, "unknown"), []);
  assert.deepEqual(parentKeys(story), new Set(["a", "b"]));
});
