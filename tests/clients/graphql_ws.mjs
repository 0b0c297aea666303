// Follows a log with graphql-ws to its end, and comes back by itself.
import { createClient } from "graphql-ws";
import WebSocket from "ws";

import { Follower, LOG_LINES, settings, tell, url } from "./follower.mjs";

const follower = new Follower();
let overdue;

const client = createClient({
  url,
  webSocketImpl: WebSocket,
  // A service that is not there yet is an error event, which is final unless told otherwise.
  shouldRetry: () => true,
  retryAttempts: Infinity,
  retryWait: () => new Promise((wake) => setTimeout(wake, settings.retryMs)),
  keepAlive: settings.keepAliveMs,
  on: {
    connected: () => tell("connected"),
    closed: ({ code }) => {
      clearTimeout(overdue);
      tell("closed", { code });
    },
    ping: (received) => {
      if (!received) overdue = setTimeout(() => client.terminate(), settings.keepAliveMs);
    },
    pong: () => clearTimeout(overdue),
  },
});

client.subscribe(
  { query: LOG_LINES, variables: follower.variables },
  {
    next: (result) => follower.take(result),
    error: (error) => tell("error", { error: String(error?.reason ?? error?.message ?? error) }),
    complete: () => tell("complete"),
  },
);
