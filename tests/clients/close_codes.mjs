// What graphql-ws makes of close codes: a server that closes each client's socket with one of them.
import { createClient } from "graphql-ws";
import WebSocket, { WebSocketServer } from "ws";

import { settings, tell } from "./follower.mjs";

/** Whether a client comes back that lost its socket with this code. */
async function comesBack(code) {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  const returned = new Promise((tellOutcome) => {
    let sockets = 0;
    server.on("connection", (socket) => {
      sockets += 1;
      if (sockets === 2) tellOutcome(true);
      socket.on("message", (text) => {
        if (JSON.parse(text).type === "connection_init") {
          socket.send('{"type":"connection_ack"}');
        } else if (code === 1006) socket.terminate();
        else socket.close(code);
      });
    });
    server.on("listening", () => {
      const client = createClient({
        url: `ws://127.0.0.1:${server.address().port}`,
        webSocketImpl: WebSocket,
        shouldRetry: () => true,
        retryAttempts: 1,
        retryWait: async () => {},
      });
      const sink = { next() {}, complete() {}, error: () => tellOutcome(false) };
      client.subscribe({ query: "{ __typename }" }, sink);
    });
  });
  const outcome = await returned;
  server.clients.forEach((socket) => socket.terminate());
  server.close();
  return outcome;
}

for (const code of settings.codes) tell("closed", { code, comesBack: await comesBack(code) });
process.exit();
