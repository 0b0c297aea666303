// Apollo Client and urql with a token, for a service that asks who everybody is.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { describe, test } from "node:test";
import { promisify } from "node:util";

import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { Client, fetchExchange, gql, subscriptionExchange } from "@urql/core";
import { createClient } from "graphql-ws";

import { first, socketUrl, url } from "./service.mjs";

const WHO = gql`
  {
    viewer {
      name
    }
  }
`;
const UPDATES = gql`
  subscription {
    runUpdates {
      kind
    }
  }
`;

/** What an operator does. */
async function agentRuns(...words) {
  const { stdout, stderr } = await promisify(execFile)(process.env.PYTHON, ["-m", "server.cli", ...words]);
  return { said: stdout.trim(), told: stderr };
}

async function createToken(name) {
  const { said: secret, told } = await agentRuns("token", "create", "--role", "viewer", "--name", name);
  return { secret, id: told.match(/token_\S+/)[0] };
}

/** Comes back after whatever is lost, but not with a token that is over. */
const sockets = (token) =>
  createClient({ url: socketUrl, connectionParams: { token }, shouldRetry: ({ code }) => code !== 4403 });

/** Each asks and subscribes with a token: a query's data or error, and each value or error that is pushed. */
const CLIENTS = {
  apollo(token) {
    const client = new ApolloClient({
      link: ApolloLink.split(
        ({ operationType }) => operationType === "subscription",
        new GraphQLWsLink(sockets(token)),
        new HttpLink({ uri: url, headers: { authorization: `Bearer ${token}` } }),
      ),
      cache: new InMemoryCache(),
    });
    return {
      ask: () => client.query({ query: WHO, errorPolicy: "all" }),
      codeOf: (error) => error.errors[0].extensions.code,
      follow: (next) => client.subscribe({ query: UPDATES }).subscribe(next),
      wordsOf: (error) => error.message,
      over: "Socket closed with event 4403 the login is over",
    };
  },
  urql(token) {
    const socket = sockets(token);
    const client = new Client({
      url,
      preferGetMethod: false,
      fetchOptions: { headers: { authorization: `Bearer ${token}` } },
      exchanges: [
        subscriptionExchange({
          forwardSubscription: ({ query, variables }) => ({
            subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables }, sink) }),
          }),
        }),
        fetchExchange,
      ],
    });
    return {
      ask: () => client.query(WHO, {}).toPromise(),
      codeOf: (error) => error.graphQLErrors[0].extensions.code,
      follow: (next) => client.subscription(UPDATES, {}).subscribe(next),
      wordsOf: ({ networkError: { code, reason } }) => `${code} ${reason}`,
      over: "4403 the login is over",
    };
  },
};

describe("a token is shown by header and by connection_init, and what it opened ends with it", { concurrency: true }, () => {
  for (const [name, clientOf] of Object.entries(CLIENTS)) {
    test(name, async () => {
      const { secret, id } = await createToken(name);
      const client = clientOf(secret);
      assert.equal((await client.ask()).data.viewer.name, name);

      let revoking;
      const ended = first(client.follow, ({ data, error }) => {
        if (data?.runUpdates.kind === "RESET") revoking = agentRuns("token", "revoke", id);
        return error !== undefined;
      });
      const { error } = await ended;
      assert.equal(client.wordsOf(error), client.over);
      await revoking;

      const stranger = clientOf("ar_unknown");
      assert.equal(stranger.codeOf((await stranger.ask()).error), "UNAUTHENTICATED");
    });
  }
});
