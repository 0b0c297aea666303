import assert from "node:assert/strict";
import { test } from "node:test";
import { newest } from "./newest.ts";

const push = (id: string, revision: number) => ({ runUpdates: { kind: "CHANGED", run: { id, revision } } });

test("a push is let pass unless a newer one of the same run came before", () => {
  const isNew = newest();
  assert.deepEqual([push("a", 2), push("a", 1), push("b", 1), push("a", 2), push("a", 3)].map(isNew), [
    true,
    false,
    true,
    true,
    true,
  ]);
});

test("a push without a run or a revision passes", () => {
  const isNew = newest();
  const others = [undefined, null, { runUpdates: { kind: "RESET", run: null } }, { logLines: { lines: [] } }];
  assert.ok(others.every(isNew));
  assert.ok(isNew({ runUpdates: { run: { id: "a" } } }));
});

test("the run that was pushed longest ago is forgotten first", () => {
  const isNew = newest(2);
  for (const id of ["a", "b", "a", "c"]) isNew(push(id, 5));
  assert.deepEqual([isNew(push("a", 1)), isNew(push("c", 1)), isNew(push("b", 1))], [false, false, true]);
});
