import assert from "node:assert/strict";
import { test } from "node:test";
import { indented, JsonValue, withTexts } from "./json.ts";

const entriesOf = (text: string) =>
  new JsonValue(text).entries.map(({ key, value }) => [key, value.text, value.kind]);

test("keys keep their order, also those that look like numbers, and those that are there twice", () => {
  assert.deepEqual(entriesOf('{"10": 1, "2": 2, "__proto__": 3, "2": 4}'), [
    ["10", "1", "number"],
    ["2", "2", "number"],
    ["__proto__", "3", "number"],
    ["2", "4", "number"],
  ]);
});

test("numbers keep their digits", () => {
  const text = "[12345678901234567890, 1.10, 1e400, -0.0]";
  assert.deepEqual(
    entriesOf(text).map(([, text]) => text),
    ["12345678901234567890", "1.10", "1e400", "-0.0"],
  );
});

test("brackets, commas and quotes in strings are part of them", () => {
  assert.deepEqual(entriesOf(String.raw`{"a\"}": "],{\\\"", "b": ["\\"], "c": {} }`), [
    ['a"}', String.raw`"],{\\\""`, "string"],
    ["b", String.raw`["\\"]`, "array"],
    ["c", "{}", "object"],
  ]);
});

test("empty and plain values have no entries", () => {
  for (const text of ["{}", "[ ]", '"[1]"', "7", "null", " true "]) assert.deepEqual(entriesOf(text), []);
});

test("what is indented is the same JSON", () => {
  const text = '{"a":[1,{"b":null}],"c":{},"d":"x\\ny"}';
  assert.equal(indented(new JsonValue(text)), JSON.stringify(JSON.parse(text), null, 2));
});

test("fields of JSON become texts, and the rest of an answer stays as it is", () => {
  const answer =
    '{"data": {"run": {"inputs": {"inputs": 1, "n": 12345678901234567890}, "steps": [{"output": null}]}}}';
  assert.deepEqual(JSON.parse(withTexts(answer, new Set(["inputs", "output"]))), {
    data: { run: { inputs: '{"inputs": 1, "n": 12345678901234567890}', steps: [{ output: null }] } },
  });
});

test("a mebibyte of values is read without a noticeable pause", () => {
  const text = `[${"1234567,".repeat(130_000)}1]`;
  const before = performance.now();
  assert.equal(new JsonValue(text).entries.length, 130_001);
  assert.ok(performance.now() - before < 1_000);
});
