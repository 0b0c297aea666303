// The one WebSocket of a page: graphql-transport-ws, opened with the first subscription.
import { type Client, createClient } from "graphql-ws";
import { goToLogin, serviceUrl } from "./prefix.ts";

export type Connection = "idle" | "connecting" | "open" | "lost";

/** Forbidden, by our close codes (docs/protocol.md): the login is over, and no new try helps. */
const LOGIN_IS_OVER = 4403;
/** Milliseconds between two questions whether the service is still there, for one that vanished without a word. */
const KEEPALIVE_MS = 10_000;
/** Milliseconds that an answer may take. */
const ANSWER_MS = 5_000;
/** The longest pause before another try, in milliseconds. */
const MAX_PAUSE_MS = 10_000;
const FIRST_PAUSE_MS = 250;

let connection: Connection = "idle";
const listeners = new Set<() => void>();

function become(next: Connection): void {
  if (next === connection) return;
  connection = next;
  for (const listener of listeners) listener();
}

/** For `useSyncExternalStore`. */
export const connections = {
  current: (): Connection => connection,
  listen(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

export const socket: Client = connected();

function connected(): Client {
  let open: WebSocket | undefined;
  let unanswered: ReturnType<typeof setTimeout> | undefined;
  return createClient({
    url: () => new URL(serviceUrl("/graphql"), location.href.replace(/^http/, "ws")).href,
    keepAlive: KEEPALIVE_MS,
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: (cause) => !(cause instanceof CloseEvent && cause.code === LOGIN_IS_OVER),
    retryWait: pause,
    on: {
      connecting: () => become(connection === "lost" ? "lost" : "connecting"),
      opened: (opened) => {
        open = opened as WebSocket;
      },
      connected: () => become("open"),
      ping: (received) => {
        if (!received) unanswered = setTimeout(() => open?.close(4408, "no pong"), ANSWER_MS);
      },
      pong: () => clearTimeout(unanswered),
      closed: (event) => {
        clearTimeout(unanswered);
        const { code, wasClean } = event as CloseEvent;
        if (code === LOGIN_IS_OVER) goToLogin();
        become(wasClean && code === 1000 ? "idle" : "lost");
      },
    },
  });
}

/** Wait ever longer, and not all pages at once; no longer than until the browser is back online. */
async function pause(tries: number): Promise<void> {
  const longest = Math.min(FIRST_PAUSE_MS * 2 ** tries, MAX_PAUSE_MS);
  const milliseconds = longest * (0.5 + Math.random() / 2);
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, milliseconds);
    function done() {
      clearTimeout(timer);
      removeEventListener("online", done);
      resolve();
    }
    addEventListener("online", done);
  });
}
