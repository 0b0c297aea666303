// What all three clients do with a log: keep its cursor, drop what they know, tell the test of it.

/** What the test wants: `urls`, `run`, and what the single scripts say. */
export const settings = JSON.parse(process.argv[2]);

/** One line of JSON for the test. */
export function tell(event, details = {}) {
  console.log(JSON.stringify({ event, ...details }));
}

export const LOG_LINES = `
  subscription ($run: ID!, $after: String) {
    logLines(runId: $run, after: $after) { lines { sequence message } endCursor end }
  }`;

/** The addresses in turn, as a client has them that goes on with another process. */
let tries = 0;
export function url() {
  const next = settings.urls[tries % settings.urls.length];
  tries += 1;
  tell("connecting", { url: next });
  return next;
}

export class Follower {
  /** The variables of the subscription; `after` is where to go on. */
  variables = { run: settings.run, after: null };
  last = 0;

  /** Takes one result; true once it was the last. */
  take({ data, errors }) {
    if (errors) throw new Error(errors[0].message);
    const { lines, endCursor, end } = data.logLines;
    const fresh = lines.filter((line) => line.sequence > this.last);
    if (fresh.length) this.last = fresh.at(-1).sequence;
    if (settings.advance) this.variables.after = endCursor;
    tell("batch", { received: lines.length, lines: fresh, end });
    return end !== null;
  }
}
