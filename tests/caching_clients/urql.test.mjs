// urql, with Graphcache, its normalised cache.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Client, fetchExchange, gql, subscriptionExchange } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import { relayPagination } from "@urql/exchange-graphcache/extras";
import { getIntrospectionQuery } from "graphql";
import { createClient } from "graphql-ws";

import { Watched, ask, begin, first, socketUrl, tell, url } from "./service.mjs";

const sockets = createClient({ url: socketUrl });
let schema;
before(async () => {
  schema = await ask(getIntrospectionQuery());
});
after(() => sockets.dispose());

/** Subscriptions go through graphql-ws. */
const overSockets = subscriptionExchange({
  forwardSubscription: ({ query, variables }) => ({
    subscribe: (sink) => ({ unsubscribe: sockets.subscribe({ query, variables }, sink) }),
  }),
});

/** A client, and what it asks over HTTP. */
function urql(...exchanges) {
  const watched = new Watched();
  const cache = cacheExchange({
    schema,
    // What has no id is a part of what it stands in.
    keys: { RunStats: () => null, Viewer: () => null },
    resolvers: { Query: { runs: relayPagination() } },
    updates: {
      Mutation: {
        deleteRuns({ deleteRuns }, _, cache) {
          for (const id of deleteRuns.deletedRunIds) {
            cache.invalidate({ __typename: "Run", id });
          }
        },
      },
    },
  });
  const client = new Client({
    url,
    fetch: watched.fetch,
    preferGetMethod: false,
    fetchSubscriptions: exchanges.length === 0,
    exchanges: [cache, ...exchanges, fetchExchange],
  });
  return { client, watched };
}

const RUN = gql`
  query Run($id: ID!) {
    run(id: $id) {
      id
      status
      viewerCanCancel
      agent {
        id
        name
      }
    }
  }
`;
const LIST = gql`
  query List($filter: RunFilter, $first: Int, $after: String) {
    runs(filter: $filter, first: $first, after: $after) {
      edges {
        cursor
        node {
          id
          status
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`;
const UPDATES = gql`
  subscription Updates($filter: RunFilter) {
    runUpdates(filter: $filter) {
      kind
      run {
        id
        status
      }
    }
  }
`;
const idsOf = ({ runs }) => runs.edges.map(({ node }) => node.id);

test("a query is answered by the service, then by the cache", async () => {
  const { client, watched } = urql();
  const [id] = await begin("urql asks");
  const { data, error } = await client.query(RUN, { id }).toPromise();
  assert.equal(error, undefined);
  assert.equal(data.run.agent.name, "urql asks");
  assert.deepEqual((await client.query(RUN, { id }).toPromise()).data, data);
  assert.equal(watched.asked.length, 1);
  assert.match(watched.asked[0].type, /^application\/graphql-response\+json/);
});

test("a mutation updates what queries show, by the ids in its answer", async () => {
  const { client, watched } = urql();
  const [id] = await begin("urql cancels");
  const values = (next) => client.query(RUN, { id }).subscribe(({ data }) => next(data?.run));
  const changed = first(values, (run) => run?.viewerCanCancel === false);
  await first(values, (run) => run?.viewerCanCancel === true);
  const cancel = gql`
    mutation Cancel($ids: [ID!]!) {
      cancelRuns(input: { ids: $ids }) {
        runs {
          id
          viewerCanCancel
        }
        userErrors {
          code
        }
      }
    }
  `;
  await client.mutation(cancel, { ids: [id] }).toPromise();
  assert.equal((await changed).id, id);
  assert.equal(watched.asked.length, 2);
});

test("a deletion makes the list be read anew, without the run", async () => {
  const { client } = urql();
  const ids = await begin("urql deletes", 3);
  const variables = { filter: { agentNames: ["urql deletes"] } };
  const values = (next) => client.query(LIST, variables).subscribe(({ data }) => next(data));
  const left = first(values, (data) => data && idsOf(data).length === 2);
  await first(values, (data) => data && idsOf(data).length === 3);
  const remove = gql`
    mutation Delete($ids: [ID!]!) {
      deleteRuns(input: { ids: $ids, force: true }) {
        deletedRunIds
      }
    }
  `;
  await client.mutation(remove, { ids: [ids[1]] }).toPromise();
  assert.deepEqual(idsOf(await left), [ids[0], ids[2]]);
});

test("pages are put together as they come", async () => {
  const { client } = urql();
  const ids = await begin("urql pages", 5);
  const variables = { filter: { agentNames: ["urql pages"] }, first: 2 };
  let { data } = await client.query(LIST, variables).toPromise();
  while (data.runs.pageInfo.hasNextPage) {
    const next = { ...variables, after: data.runs.pageInfo.endCursor };
    ({ data } = await client.query(LIST, next).toPromise());
  }
  assert.deepEqual(idsOf(data), ids);
});

for (const [door, exchanges] of [
  ["graphql-ws", [overSockets]],
  ["events", []],
]) {
  test(`a subscription through ${door} updates what queries show`, async () => {
    const { client } = urql(...exchanges);
    const [id] = await begin(`urql follows by ${door}`);
    const values = (next) => client.query(RUN, { id }).subscribe(({ data }) => next(data?.run));
    const changed = first(values, (run) => run?.status === "COMPLETED");
    await first(values, (run) => run?.status === "RUNNING");
    const filter = { agentNames: [`urql follows by ${door}`] };
    let subscription;
    const updates = (next) => {
      subscription = client.subscription(UPDATES, { filter }).subscribe(next);
    };
    await first(updates, ({ data }) => data.runUpdates.kind === "RESET");
    await tell("completeRun", { runId: id });
    await changed;
    subscription.unsubscribe();
  });
}

test("a subscription that cannot be is an error with its code", async () => {
  const { client } = urql(overSockets);
  const query = gql`
    subscription {
      logLines(runId: "nonsense") {
        endCursor
      }
    }
  `;
  const results = (next) => client.subscription(query).subscribe(next);
  const { error } = await first(results, () => true);
  assert.equal(error.graphQLErrors[0].extensions.code, "BAD_INPUT");
});

test("what is wrong with a request is an error with its code, though the status is 400", async () => {
  const { client, watched } = urql();
  const query = gql`
    query ($id: ID!) {
      run(id: $id) {
        id
      }
    }
  `;
  const { error } = await client.query(query).toPromise();
  assert.equal(error.networkError, undefined);
  assert.equal(error.graphQLErrors[0].extensions.code, "BAD_INPUT");
  assert.equal(watched.asked[0].status, 400);
});

test("a field that fails leaves the others", async () => {
  const { client } = urql();
  const query = gql`
    {
      viewer {
        role
      }
      runStats(filter: { ids: ["nonsense"] }) {
        total
      }
    }
  `;
  const { data, error } = await client.query(query).toPromise();
  assert.equal(data.viewer.role, "ADMIN");
  assert.equal(data.runStats, null);
  assert.deepEqual(error.graphQLErrors[0].path, ["runStats"]);
});

test("userErrors are data", async () => {
  const { client } = urql();
  const cancel = gql`
    mutation {
      cancelRuns(input: { ids: ["nonsense"] }) {
        runs {
          id
        }
        userErrors {
          code
          field
        }
      }
    }
  `;
  const { data } = await client.mutation(cancel).toPromise();
  const [error] = data.cancelRuns.userErrors;
  assert.deepEqual([error.code, error.field], ["INVALID", ["ids", "0"]]);
});
