// The service under test, and runs in it.
import assert from "node:assert/strict";

export const url = process.env.SERVICE_URL;
export const socketUrl = url.replace("http", "ws");

/** The data of a request that is expected to go well. */
export async function ask(query, variables = {}) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  assert.equal(errors, undefined);
  return data;
}

/** The payload of a mutation that is expected to go well. */
export async function tell(mutation, input, fields = "__typename") {
  const type = `${mutation[0].toUpperCase()}${mutation.slice(1)}Input!`;
  const data = await ask(
    `mutation ($input: ${type}) {
      ${mutation}(input: $input) { ${fields} userErrors { code message } }
    }`,
    { input },
  );
  assert.deepEqual(data[mutation].userErrors, []);
  return data[mutation];
}

/** The ids of runs of an agent of their own, the latest first. */
export async function begin(agent, count = 1) {
  const ids = [];
  for (let second = 0; second < count; second += 1) {
    const startedAt = new Date(Date.UTC(2026, 10, 1, 0, 0, second)).toISOString();
    const trigger = { source: "MANUAL", name: "ada" };
    const input = { agent: { name: agent }, cluster: "eu-1", trigger, startedAt };
    ids.unshift((await tell("startRun", input, "run { id }")).run.id);
  }
  return ids;
}

/** A fetch that keeps what was asked, and how it was answered. */
export class Watched {
  asked = [];

  fetch = async (address, init = {}) => {
    const response = await fetch(address, init);
    this.asked.push({
      method: init.method ?? "GET",
      address: new URL(address),
      body: init.body ? JSON.parse(init.body) : undefined,
      status: response.status,
      type: response.headers.get("content-type"),
    });
    return response;
  };
}

/** The first of some values that is as it should be; they come by `subscribe(next)`. */
export function first(subscribe, isRight) {
  return new Promise((resolve) => {
    subscribe((value) => {
      if (isRight(value)) resolve(value);
    });
  });
}
