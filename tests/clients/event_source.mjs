// Follows a log with EventSource, as browsers have it; node has it with --experimental-eventsource.
import "./awake.mjs";
import { Follower, LOG_LINES, settings, tell, url } from "./follower.mjs";

const follower = new Follower();

function open() {
  const query = new URLSearchParams({
    query: LOG_LINES,
    variables: JSON.stringify(follower.variables),
  });
  const source = new EventSource(`${url()}?${query}`);
  source.addEventListener("open", () => tell("connected"));
  source.addEventListener("next", ({ data }) => follower.take(JSON.parse(data)));
  source.addEventListener("complete", () => {
    // Without, it would take the end for a lost connection and come back for it.
    source.close();
    tell("complete");
  });
  source.addEventListener("error", () => {
    tell("closed");
    // It comes back by itself with its last event's id, unless nobody was there to be asked.
    if (source.readyState === EventSource.CLOSED) setTimeout(open, settings.retryMs);
  });
}

open();
