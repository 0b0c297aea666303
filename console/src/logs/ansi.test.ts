import assert from "node:assert/strict";
import { test } from "node:test";
import { cut, marked, parse, patternOf, textOf } from "./ansi.ts";

test("colours of a terminal become spans, and do not leak into the next line", () => {
  assert.deepEqual(parse("a\x1b[31mred\x1b[1;44m both\x1b[0m plain"), [
    { text: "a" },
    { text: "red", fg: "red" },
    { text: " both", fg: "red", bg: "blue", look: "bold" },
    { text: " plain" },
  ]);
  assert.deepEqual(parse("\x1b[92mgreen"), [{ text: "green", fg: "bright-green" }]);
  assert.deepEqual(parse("next"), [{ text: "next" }]);
});

test("colours of the palette and of 24 bits are told as CSS", () => {
  assert.deepEqual(parse("\x1b[38;5;196mx\x1b[48;5;244my\x1b[0m\x1b[38;2;1;2;3mz"), [
    { text: "x", fg: "own", ownFg: "rgb(255, 0, 0)" },
    { text: "y", fg: "own", ownFg: "rgb(255, 0, 0)", bg: "own", ownBg: "rgb(128, 128, 128)" },
    { text: "z", fg: "own", ownFg: "rgb(1, 2, 3)" },
  ]);
});

test("other codes of a terminal are left out, and control characters are seen", () => {
  const message = "\x1b[2K\x1b]0;title\x07\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\ 10%\r20%\x00\ttab\x1b[3";
  assert.equal(textOf(parse(message)), "link 10%\u240d20%\u2400\ttab");
  assert.equal(textOf(parse("with CRLF\r")), "with CRLF");
});

test("what is searched for is marked across colours, literally and whatever its case", () => {
  const spans = parse("a \x1b[31mFo\x1b[32mO.\x1b[0m foo. fooX");
  const found = marked(spans, patternOf("foo."));
  assert.deepEqual(
    found.filter(({ isMatch }) => isMatch).map(({ text, fg }) => [text, fg]),
    [
      ["Fo", "red"],
      ["O.", "green"],
      ["foo.", undefined],
    ],
  );
  assert.equal(textOf(found), textOf(spans));
  assert.equal(marked(spans, patternOf("nowhere")), spans);
});

test("a text is cut after so many characters, and not within one", () => {
  assert.equal(textOf(cut(parse("ab\x1b[31mcdef"), 4)), "abcd");
  assert.equal(textOf(cut(parse("ab😀"), 3)), "ab");
  assert.equal(textOf(cut(parse("short"), 100)), "short");
});
