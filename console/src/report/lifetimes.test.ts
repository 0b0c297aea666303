import assert from "node:assert/strict";
import { test } from "node:test";
import { shareInput } from "./lifetimes.ts";

test("a link ends so many days from now, or never", () => {
  const now = Date.parse("2026-11-25T02:00:00Z");
  assert.deepEqual(shareInput("report_1", "7 days", now), {
    reportId: "report_1",
    expiresAt: "2026-12-02T02:00:00.000Z",
  });
  assert.deepEqual(shareInput("report_1", "never", now), { reportId: "report_1", neverExpires: true });
});
