// How GraphiQL asks: HTTP for queries and mutations, graphql-transport-ws for subscriptions; both with the token.
import { createGraphiQLFetcher, type Fetcher } from "@graphiql/toolkit";
import { createClient } from "graphql-ws";
import { serviceUrl } from "../api/prefix.ts";

/** With a token, or with what the browser has: a cookie of /login, or nothing. */
export function createFetcher(token: string): Fetcher {
  const url = new URL(serviceUrl("/graphql"), location.href);
  return createGraphiQLFetcher({
    url: url.href,
    // Answers come whole: the service has neither @defer nor @stream.
    enableIncrementalDelivery: false,
    headers: token ? { Authorization: `Bearer ${token}` } : {},
    wsClient: createClient({
      url: url.href.replace(/^http/, "ws"),
      connectionParams: token ? { token } : {},
    }),
  });
}
