import assert from "node:assert/strict";
import { test } from "node:test";
import {
  described,
  downloadQuery,
  filterOf,
  matchesOf,
  readAddress,
  readHash,
  writeAddress,
  writeHash,
} from "./address.ts";

const FULL = "?level=WARNING&stream=STDERR&step=run-tests&attempt=2&q=a%26b+c&only=0&wrap=0";

test("an address that is read and written is the same", () => {
  assert.equal(writeAddress(readAddress(FULL)), FULL);
  assert.equal(writeAddress(readAddress("")), "");
});

test("what an address has that is none is passed over", () => {
  const address = readAddress("?level=LOUD&stream=&attempt=-1&other=1");
  assert.equal(writeAddress(address), "");
});

test("a filter has what is given, and is none where nothing is", () => {
  assert.equal(filterOf(readAddress("?wrap=0")), null);
  assert.deepEqual(filterOf(readAddress("?level=WARNING&stream=STDERR&step=s&attempt=2&q=x")), {
    minLevel: "WARNING",
    streams: ["STDERR"],
    stepKeys: ["s"],
    attempts: [2],
    contains: "x",
  });
});

test("a text in its context hides no line, but is still what is looked for", () => {
  const address = readAddress("?q=x&only=0");
  assert.equal(filterOf(address), null);
  assert.deepEqual(matchesOf(address), { contains: "x" });
});

test("a download has the lines that are shown", () => {
  assert.equal(downloadQuery(null), "?download=1");
  assert.equal(
    downloadQuery(readAddress("?level=ERROR&step=s&q=x")),
    "?download=1&level=ERROR&step=s&contains=x",
  );
  assert.equal(downloadQuery(readAddress("?q=x&only=0")), "?download=1");
});

test("a filter is told in words", () => {
  const name = (key: string) => key.toUpperCase();
  assert.equal(
    described(readAddress("?level=WARNING&stream=STDERR&step=s&attempt=2&q=x"), name),
    "at warning or above, on STDERR, of step “S”, of attempt 2, with “x”",
  );
});

test("a hash names a line or a range, in either order", () => {
  assert.deepEqual(readHash("#L123"), { first: 123, last: 123 });
  assert.deepEqual(readHash("#L130-L120"), { first: 120, last: 130 });
  for (const other of ["", "#L", "#L0", "#x", "#L1-", "#L1x"]) assert.equal(readHash(other), null, other);
  const last = 2 ** 31 - 2;
  assert.deepEqual(readHash("#L99999999999"), { first: last, last }, "the service has no greater numbers");
  assert.equal(writeHash({ first: 5, last: 5 }), "#L5");
  assert.equal(writeHash({ first: 5, last: 9 }), "#L5-L9");
  assert.equal(writeHash(null), "");
});
