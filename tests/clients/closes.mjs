// With which code a service closes the socket of a graphql-ws that does something wrong.
import { createClient } from "graphql-ws";
import WebSocket from "ws";

import { settings, tell } from "./follower.mjs";

const LIST = "subscription { runUpdates { kind } }";
const SUBSCRIBE = JSON.stringify({ id: "1", type: "subscribe", payload: { query: LIST } });
const isInit = (text) => JSON.parse(text).type === "connection_init";

/** A WebSocket that sends what `change` makes of each message. */
function changing(change) {
  return class extends WebSocket {
    send(text) {
      for (const instead of change(text)) super.send(instead);
    }
  };
}

/** A WebSocket that offers no subprotocol. */
class Speechless extends WebSocket {
  constructor(url) {
    super(url);
  }
}

/** What each client does wrong, by the code that it should get. */
const WRONG = {
  4400: { generateID: () => "x".repeat(201) },
  4401: { webSocketImpl: changing((text) => [isInit(text) ? SUBSCRIBE : text]) },
  4403: { connectionParams: { token: "ar_of_nobody" } },
  4406: { webSocketImpl: Speechless },
  4408: { webSocketImpl: changing(() => []) },
  4409: { generateID: () => "1" },
  4429: { webSocketImpl: changing((text) => (isInit(text) ? [text, text] : [text])) },
};

/** The code and the reason of the close; asking for two lists, as two parts of a page do. */
function closed(told) {
  return new Promise((resolve) => {
    const client = createClient({
      url: settings.url,
      webSocketImpl: WebSocket,
      connectionParams: { token: settings.token },
      retryAttempts: 0,
      on: { closed: ({ code, reason }) => resolve({ code, reason }) },
      ...told,
    });
    const sink = { next() {}, complete() {}, error() {} };
    client.subscribe({ query: LIST }, sink);
    client.subscribe({ query: LIST }, sink);
  });
}

/** Returns once the service has answered the client's own ping. */
function ponged() {
  return new Promise((resolve) => {
    const client = createClient({
      url: settings.url,
      webSocketImpl: WebSocket,
      connectionParams: { token: settings.token },
      lazy: false,
      keepAlive: 50,
      on: {
        pong: (received) => {
          if (received) resolve(client.dispose());
        },
      },
    });
  });
}

for (const [expected, told] of Object.entries(WRONG)) {
  tell("closed", { expected: Number(expected), ...(await closed(told)) });
}
await ponged();
tell("pong");
