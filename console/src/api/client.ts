// How pages ask: one client with one normalised cache, and one without.
import { cacheExchange } from "@urql/exchange-graphcache";
import { Client, fetchExchange, mapExchange, subscriptionExchange } from "urql";
import { codeOf } from "./errors.ts";
import { exactFetch } from "./exact.ts";
import { newest } from "./newest.ts";
import { goToLogin, serviceUrl } from "./prefix.ts";
import { socket } from "./socket.ts";

const url = serviceUrl("/graphql");

const loggedIn = mapExchange({
  onError(error) {
    if (codeOf(error) === "UNAUTHENTICATED") goToLogin();
  },
});

export function createApiClient(): Client {
  return new Client({
    url,
    preferGetMethod: false,
    fetch: exactFetch,
    exchanges: [
      loggedIn,
      cacheExchange({}),
      fetchExchange,
      subscriptionExchange({ forwardSubscription: subscribed }),
    ],
  });
}

/** For what has no identity to be cached by, and comes by the thousand: log lines (src/logs). */
export const uncached = new Client({ url, preferGetMethod: false, exchanges: [loggedIn, fetchExchange] });

type Forward = Parameters<typeof subscriptionExchange>[0]["forwardSubscription"];

const isNewest = newest();

const subscribed: Forward = (request) => ({
  subscribe: (sink) => ({
    unsubscribe: socket.subscribe(
      { ...request, query: request.query ?? "" },
      { ...sink, next: (result) => isNewest(result.data) && sink.next(result as never) },
    ),
  }),
});
