import assert from "node:assert/strict";
import { test } from "node:test";
import {
  apiFilter,
  apiOrder,
  type Condition,
  EVERYTHING,
  type Filter,
  isNarrowed,
  queryOf,
  readFilter,
  runsAddress,
  wish,
  withCondition,
  withoutCondition,
} from "./filter.ts";

const NOW = Date.parse("2026-11-25T12:00:00Z");
const FAILED: Condition = { dimension: "status", value: "FAILED", isExcluded: false };
const SCHEDULE: Condition = { dimension: "trigger", value: "SCHEDULE", isExcluded: true };

const MUCH: Filter = {
  conditions: [
    FAILED,
    { dimension: "status", value: "RUNNING", isExcluded: false },
    { dimension: "agent", value: "nightly etl & co", isExcluded: false },
    SCHEDULE,
    { dimension: "label", value: "team=a=b", isExcluded: true },
  ],
  search: "timeout",
  period: { preset: "24h" },
  sort: "-duration",
};

test("a filter stands in the address in short words, and is read from it again", () => {
  const query =
    "status=FAILED&status=RUNNING&agent=nightly+etl+%26+co&-trigger=SCHEDULE&-label=team=a=b" +
    "&range=24h&q=timeout&sort=-duration";
  assert.equal(queryOf(MUCH), query);
  assert.deepEqual(readFilter(query), { filter: MUCH, dropped: [] });
});

test("everything has no query", () => {
  assert.equal(runsAddress({}), "/runs");
  assert.deepEqual(readFilter(""), { filter: EVERYTHING, dropped: [] });
});

test("an explicit range stands there in UTC, whatever the zone it was told in", () => {
  const { filter } = readFilter("from=2026-11-25T03:00:00%2B01:00&until=2026-11-26T00:00:00.000Z");
  assert.deepEqual(filter.period, { from: "2026-11-25T02:00:00Z", until: "2026-11-26T00:00:00Z" });
  assert.equal(queryOf(filter), "from=2026-11-25T02:00:00Z&until=2026-11-26T00:00:00Z");
});

test("what an address says and nobody can mean is left out, and named", () => {
  const bad =
    "status=BROKEN&trigger=schedule&agent=&label=team&range=2y&sort=name&from=yesterday&until=2026-11-25&x=1";
  const { filter, dropped } = readFilter(`${bad}&status=FAILED`);
  assert.deepEqual(filter, { ...EVERYTHING, conditions: [FAILED] });
  assert.deepEqual(dropped, bad.split("&"));
});

test("a range that ends before it begins keeps its beginning", () => {
  const { filter, dropped } = readFilter("from=2026-11-25T02:00:00Z&until=2026-11-25T01:00:00Z");
  assert.deepEqual(filter.period, { from: "2026-11-25T02:00:00Z", until: null });
  assert.deepEqual(dropped, ["until=2026-11-25T01:00:00Z"]);
});

test("a value stands there once, and no more of them than the service takes", () => {
  assert.equal(readFilter("status=FAILED&-status=FAILED").filter.conditions.length, 1);
  const many = Array.from({ length: 30 }, (_, index) => `-label=n=${index}`).join("&");
  assert.equal(readFilter(many).filter.conditions.length, 20);
  assert.equal(readFilter(many).dropped.length, 10);
});

test("the API is asked for lists of wanted values, and each unwanted one as a kind of its own", () => {
  assert.deepEqual(apiFilter(MUCH, NOW), {
    statuses: ["FAILED", "RUNNING"],
    agentNames: ["nightly etl & co"],
    startedAt: { from: "2026-11-24T12:00:00.000Z" },
    search: "timeout",
    exclude: [{ triggerSources: ["SCHEDULE"] }, { labels: [{ name: "team", value: "a=b" }] }],
  });
  assert.deepEqual(apiFilter(EVERYTHING, NOW), {});
  assert.deepEqual(apiOrder("-duration"), { field: "DURATION", direction: "DESC" });
  assert.deepEqual(apiOrder("started"), { field: "STARTED_AT", direction: "ASC" });
});

test("the other wish for a value takes the place of the first", () => {
  const included = withCondition(withCondition(EVERYTHING, FAILED), SCHEDULE);
  const excluded = withCondition(included, { ...FAILED, isExcluded: true });
  assert.equal(queryOf(excluded), "-status=FAILED&-trigger=SCHEDULE");
  assert.equal(wish(excluded, "status", "FAILED"), "excluded");
  assert.equal(queryOf(withoutCondition(excluded, FAILED)), "-trigger=SCHEDULE");
});

test("an order leaves nothing out", () => {
  assert.equal(isNarrowed({ ...EVERYTHING, sort: "duration" }), false);
  assert.equal(isNarrowed(MUCH), true);
});
