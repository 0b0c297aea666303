import assert from "node:assert/strict";
import { test } from "node:test";
import { Folds, GroupEnd, markOf, Rows } from "./groups.ts";

test("marks stand at the very start of a line", () => {
  assert.deepEqual(markOf("::group::Run tests"), { opens: true, name: "Run tests" });
  assert.deepEqual(markOf("::endgroup::"), { opens: false, name: "group" });
  assert.equal(markOf(" ::group::no"), null);
  assert.equal(markOf("::error::no"), null);
  assert.equal(markOf("the filter ::group:: is"), null);
});

test("a group ends where as many ended as began in it", () => {
  const group = new GroupEnd();
  const messages = ["::group::inner", "text", "::endgroup::", "::endgroup::", "::endgroup::"];
  for (const [index, message] of messages.entries()) group.see(index + 2, message);
  assert.equal(group.end, 5);
});

test("rows pass over what is hidden, and hidden lines belong to the row before", () => {
  const rows = new Rows([
    { first: 3, last: 5 },
    { first: 8, last: 9 },
  ]);
  assert.equal(rows.count(10), 5);
  assert.deepEqual(
    [0, 1, 2, 3, 4].map((row) => rows.sequenceAt(row)),
    [1, 2, 6, 7, 10],
  );
  assert.deepEqual(
    [1, 2, 4, 6, 9, 10].map((sequence) => rows.rowOf(sequence)),
    [0, 1, 1, 2, 3, 4],
  );
  assert.equal(rows.count(4), 2);
});

test("folds inside folds, and side by side, hide each line once", () => {
  const rows = new Rows([
    { first: 2, last: 9 },
    { first: 4, last: 6 },
    { first: 10, last: 12 },
    { first: 20, last: 19 },
  ]);
  assert.equal(rows.count(15), 4);
  assert.deepEqual(
    [0, 1, 2, 3].map((row) => rows.sequenceAt(row)),
    [1, 13, 14, 15],
  );
});

test("a group without an end is folded to the end of the log until its end comes", () => {
  const folds = new Folds();
  folds.fold(5, { end: null, depth: 2 });
  assert.deepEqual(folds.hidden(10), [{ first: 6, last: 10 }]);
  folds.see(11, "::endgroup::");
  assert.deepEqual(folds.hidden(11), [{ first: 6, last: 11 }]);
  folds.see(12, "::endgroup::");
  folds.see(13, "after it");
  assert.deepEqual(folds.hidden(13), [{ first: 6, last: 12 }]);
});

test("a line that is to be seen unfolds what hides it, and nothing else", () => {
  const folds = new Folds();
  folds.fold(1, { end: 9, depth: 0 });
  folds.fold(20, { end: 30, depth: 0 });
  assert.ok(folds.reveal(5));
  assert.ok(!folds.has(1) && folds.has(20));
  assert.ok(!folds.reveal(20));
});
