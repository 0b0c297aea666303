import assert from "node:assert/strict";
import { test } from "node:test";
import { firstLine } from "./firstLine.ts";

test("an error is told in its first line that says something, in plain text", () => {
  assert.equal(
    firstLine("\n\n\u001b[31;1mno space left\u001b[0m on /data\r\n  at write"),
    "no space left on /data",
  );
  assert.equal(firstLine(""), "");
});

test("a line without end is cut", () => {
  assert.equal(firstLine("x".repeat(65_536)).length, 301);
});
