// Follows a log with graphql-sse to its end, and comes back by itself.
import { createClient } from "graphql-sse";

import { Follower, LOG_LINES, settings, tell, url } from "./follower.mjs";

const follower = new Follower();

const client = createClient({
  url,
  retryAttempts: Infinity,
  retry: () => new Promise((wake) => setTimeout(wake, settings.retryMs)),
  on: { connected: () => tell("connected") },
});

client.subscribe(
  { query: LOG_LINES, variables: follower.variables },
  {
    next: (result) => follower.take(result),
    error: (error) => tell("error", { error: String(error) }),
    complete: () => tell("complete"),
  },
);
