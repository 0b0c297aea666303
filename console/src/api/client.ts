// How pages ask: one client with one normalised cache. Log lines stay outside of it (src/logs).
import { cacheExchange } from "@urql/exchange-graphcache";
import { Client, fetchExchange, mapExchange, subscriptionExchange } from "urql";
import { codeOf } from "./errors.ts";
import { exactFetch } from "./exact.ts";
import { newest } from "./newest.ts";
import { goToLogin, serviceUrl } from "./prefix.ts";
import { socket } from "./socket.ts";

export function createApiClient(): Client {
  return new Client({
    url: serviceUrl("/graphql"),
    preferGetMethod: false,
    fetch: exactFetch,
    exchanges: [
      mapExchange({
        onError(error) {
          if (codeOf(error) === "UNAUTHENTICATED") goToLogin();
        },
      }),
      cacheExchange({}),
      fetchExchange,
      subscriptionExchange({ forwardSubscription: subscribed }),
    ],
  });
}

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
