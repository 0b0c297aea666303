// Somebody logs in with a browser, looks at a run, strays to other sites, and logs out. Tells what came of it.
import { once } from "node:events";
import { createServer } from "node:http";

import { launched } from "./chromium.mjs";

const { url, token } = JSON.parse(process.argv[2]);
const tell = (event, told) => console.log(JSON.stringify({ event, ...told }));

const START = `mutation {
  startRun(input: {agent: {name: "a"}, cluster: "c", trigger: {source: MANUAL, name: "ada"}}) { run { id } }
}`;
const append = (run, offset) => `mutation {
  appendLogs(input: {runId: "${run}", offset: ${offset}, lines: [{message: "line ${offset}"}]}) { nextOffset }
}`;
const cancel = (run) => `mutation { cancelRuns(input: {ids: ["${run}"]}) { runs { id } } }`;
const status = (run) => `{ run(id: "${run}") { status cancellation { by } } viewer { name } }`;

// ---------------------------------------------------------------- what pages do

/** In a page of the service's: asks, and gives the status and the answer. */
async function ask(query) {
  const body = JSON.stringify({ query });
  const headers = { "content-type": "application/json" };
  const answer = await fetch("/graphql", { method: "POST", headers, body });
  return { status: answer.status, ...(await answer.json()) };
}

/** In a page of the service's: follows a run's log, and keeps the lines and how the socket closed. */
function follow(run) {
  window.lines = [];
  const socket = new WebSocket(`ws://${location.host}/graphql`, "graphql-transport-ws");
  socket.onopen = () => socket.send(JSON.stringify({ type: "connection_init" }));
  socket.onclose = ({ code, reason }) => (window.ended = { code, reason });
  socket.onmessage = ({ data }) => {
    const { type, payload } = JSON.parse(data);
    const query = `subscription { logLines(runId: "${run}") { lines { message } } }`;
    if (type === "connection_ack") socket.send(JSON.stringify({ id: "1", type: "subscribe", payload: { query } }));
    if (type === "next") window.lines.push(...payload.data.logLines.lines.map(({ message }) => message));
  };
}

/** In a page of another site's: tries to ask, to change something and to listen, and gives what came of each. */
async function intrude({ url, query }) {
  const address = `${url}/graphql`;
  const got = `${address}?query=${encodeURIComponent("{ viewer { name } }")}`;
  const body = JSON.stringify({ query });
  const sent = { method: "POST", credentials: "include", body };
  const outcome = (trying) => trying.then((answer) => answer.type, (error) => error.name);
  const event = (target, ...names) =>
    new Promise((resolve) => names.forEach((name) => target.addEventListener(name, ({ type }) => resolve(type))));
  const trials = {
    fetch: outcome(fetch(address, { ...sent, headers: { "content-type": "application/json" } })),
    get: outcome(fetch(got, { credentials: "include" })),
    unread: outcome(fetch(address, { ...sent, mode: "no-cors" })),
    socket: event(new WebSocket(address.replace("http", "ws"), "graphql-transport-ws"), "open", "error"),
    events: event(new EventSource(got, { withCredentials: true }), "open", "error"),
  };
  const came = await Promise.all(Object.values(trials));
  return Object.fromEntries(Object.keys(trials).map((name, index) => [name, came[index]]));
}

// ---------------------------------------------------------------- the other sites

/** By host, the cookies that its visitor's browser sent along. */
const cookies = {};
const elsewhere = createServer(({ headers, url: path }, response) => {
  if (path === "/") cookies[headers.host.split(":")[0]] = headers.cookie ?? "";
  response.setHeader("content-type", "text/html");
  response.end("<!doctype html>");
});
elsewhere.listen(0, "127.0.0.1");
await once(elsewhere, "listening");

// ---------------------------------------------------------------- the visit

const browser = await launched();
const context = await browser.newContext();
const page = await context.newPage();

await page.goto(`${url}/login?next=/healthz`);
await page.fill("#token", token);
await page.click("button");
await page.waitForURL(`${url}/healthz`);
const [cookie] = await context.cookies();
tell("logged in", { httpOnly: cookie.httpOnly, sameSite: cookie.sameSite, readable: await page.evaluate("document.cookie") });

const started = await page.evaluate(ask, START);
const run = started.data.startRun.run.id;
await page.evaluate(follow, run);
for (const offset of [0, 1]) {
  await page.evaluate(ask, append(run, offset));
  await page.waitForFunction((count) => window.lines.length === count, offset + 1);
}
tell("followed", { lines: await page.evaluate("window.lines") });

for (const host of ["127.0.0.1", "localhost"]) {
  const other = await context.newPage();
  await other.goto(`http://${host}:${elsewhere.address().port}/`);
  const came = await other.evaluate(intrude, { url, query: cancel(run) });
  tell("strayed", { host, holdsCookie: cookies[host].includes(cookie.value), came });
}
tell("looked", await page.evaluate(ask, status(run)));

const leaving = await context.newPage();
await leaving.goto(`${url}/login`);
await leaving.click("text=Log out");
await leaving.waitForSelector("#token");
const since = Date.now();
await page.waitForFunction(() => window.ended, undefined, { polling: 50, timeout: 20_000 });
const ended = await page.evaluate("window.ended");
tell("logged out", { ...ended, seconds: (Date.now() - since) / 1000, ...(await page.evaluate(ask, status(run))) });

await browser.close();
elsewhere.close();
