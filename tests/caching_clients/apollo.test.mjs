// Apollo Client, with its normalised cache.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, test } from "node:test";

import {
  ApolloClient,
  ApolloLink,
  CombinedGraphQLErrors,
  HttpLink,
  InMemoryCache,
  gql,
} from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { relayStylePagination } from "@apollo/client/utilities";
import { createClient } from "graphql-ws";

import { Watched, begin, first, socketUrl, tell, url } from "./service.mjs";

const sockets = createClient({ url: socketUrl });
after(() => sockets.dispose());

/** A client, and what it asks over HTTP. */
function apollo(...links) {
  const watched = new Watched();
  const http = ApolloLink.from([...links, new HttpLink({ uri: url, fetch: watched.fetch })]);
  const client = new ApolloClient({
    link: ApolloLink.split(
      ({ operationType }) => operationType === "subscription",
      new GraphQLWsLink(sockets),
      http,
    ),
    cache: new InMemoryCache({
      typePolicies: { Query: { fields: { runs: relayStylePagination(["filter"]) } } },
    }),
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
const idsOf = ({ runs }) => runs.edges.map(({ node }) => node.id);

test("a query is answered by the service, then by the cache", async () => {
  const { client, watched } = apollo();
  const [id] = await begin("apollo asks");
  const asked = { query: RUN, variables: { id } };
  const { data } = await client.query(asked);
  assert.equal(data.run.agent.name, "apollo asks");
  assert.deepEqual((await client.query(asked)).data, data);
  assert.equal(watched.asked.length, 1);
  assert.equal(watched.asked[0].status, 200);
  assert.match(watched.asked[0].type, /^application\/graphql-response\+json/);
});

test("a mutation updates what queries show, by the ids in its answer", async () => {
  const { client, watched } = apollo();
  const [id] = await begin("apollo cancels");
  const shown = client.watchQuery({ query: RUN, variables: { id } });
  const values = (next) => shown.subscribe(({ data }) => next(data?.run));
  const changed = first(values, (run) => run?.viewerCanCancel === false);
  await first(values, (run) => run?.viewerCanCancel === true);
  await client.mutate({
    mutation: gql`
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
    `,
    variables: { ids: [id] },
  });
  assert.equal((await changed).id, id);
  assert.equal(watched.asked.length, 2);
});

test("a deletion takes a run out of the list", async () => {
  const { client, watched } = apollo();
  const ids = await begin("apollo deletes", 3);
  const variables = { filter: { agentNames: ["apollo deletes"] } };
  const { data } = await client.query({ query: LIST, variables });
  assert.deepEqual(idsOf(data), ids);
  await client.mutate({
    mutation: gql`
      mutation Delete($ids: [ID!]!) {
        deleteRuns(input: { ids: $ids, force: true }) {
          deletedRunIds
        }
      }
    `,
    variables: { ids: [ids[1]] },
    update(cache, { data: { deleteRuns } }) {
      for (const id of deleteRuns.deletedRunIds) {
        cache.evict({ id: cache.identify({ __typename: "Run", id }) });
      }
    },
  });
  const left = client.readQuery({ query: LIST, variables });
  assert.deepEqual(idsOf(left), [ids[0], ids[2]]);
  assert.equal(watched.asked.length, 2);
});

test("pages are put together as they come", async () => {
  const { client } = apollo();
  const ids = await begin("apollo pages", 5);
  const variables = { filter: { agentNames: ["apollo pages"] }, first: 2 };
  const shown = client.watchQuery({ query: LIST, variables });
  const values = (next) => shown.subscribe(({ data }) => next(data?.runs));
  const whole = first(values, (runs) => runs?.edges.length === ids.length);
  let { pageInfo } = await first(values, (runs) => runs !== undefined);
  while (pageInfo.hasNextPage) {
    const { data } = await shown.fetchMore({ variables: { after: pageInfo.endCursor } });
    ({ pageInfo } = data.runs);
  }
  assert.deepEqual(idsOf({ runs: await whole }), ids);
});

test("a subscription through graphql-ws updates what queries show", async () => {
  const { client, watched } = apollo();
  const [id] = await begin("apollo follows");
  const shown = client.watchQuery({ query: RUN, variables: { id } });
  const values = (next) => shown.subscribe(({ data }) => next(data?.run));
  await first(values, (run) => run?.status === "RUNNING");
  const updates = client.subscribe({
    query: gql`
      subscription Updates($filter: RunFilter) {
        runUpdates(filter: $filter) {
          kind
          run {
            id
            status
          }
        }
      }
    `,
    variables: { filter: { agentNames: ["apollo follows"] } },
  });
  const kinds = [];
  const changed = first(values, (run) => run?.status === "COMPLETED");
  await new Promise((reset) => {
    updates.subscribe(({ data }) => {
      kinds.push(data.runUpdates.kind);
      if (data.runUpdates.kind === "RESET") reset();
    });
  });
  await tell("completeRun", { runId: id });
  await changed;
  assert.equal(kinds[0], "RESET");
  assert.equal(watched.asked.length, 1);
});

test("a subscription that cannot be is an error with its code", async () => {
  const { client } = apollo();
  const query = gql`
    subscription {
      logLines(runId: "nonsense") {
        endCursor
      }
    }
  `;
  const { error } = await first((next) => client.subscribe({ query }).subscribe(next), () => true);
  assert.ok(CombinedGraphQLErrors.is(error));
  assert.equal(error.errors[0].extensions.code, "BAD_INPUT");
});

test("what is wrong with a request is an error with its code, though the status is 400", async () => {
  const { client, watched } = apollo();
  const query = gql`
    {
      nothing
    }
  `;
  await assert.rejects(client.query({ query }), (error) => {
    assert.ok(CombinedGraphQLErrors.is(error));
    assert.equal(error.errors[0].extensions.code, "GRAPHQL_VALIDATION_FAILED");
    return true;
  });
  assert.equal(watched.asked[0].status, 400);
});

test("a field that fails leaves the others, where the client wants them", async () => {
  const { client } = apollo();
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
  const { data, error } = await client.query({ query, errorPolicy: "all" });
  assert.equal(data.viewer.role, "ADMIN");
  assert.equal(data.runStats, null);
  assert.equal(error.errors[0].extensions.code, "BAD_INPUT");
  assert.deepEqual(error.errors[0].path, ["runStats"]);
});

test("userErrors are data", async () => {
  const { client } = apollo();
  const { data } = await client.mutate({
    mutation: gql`
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
    `,
  });
  const [error] = data.cancelRuns.userErrors;
  assert.deepEqual([error.code, error.field], ["INVALID", ["ids", "0"]]);
});

test("a document is registered once, and asked for by its hash from then on", async () => {
  const sha256 = (text) => createHash("sha256").update(text).digest("hex");
  const query = gql`
    query Registered {
      viewer {
        name
      }
    }
  `;
  const bodies = [];
  for (const useGETForHashedQueries of [false, false, true]) {
    const { client, watched } = apollo(new PersistedQueryLink({ sha256, useGETForHashedQueries }));
    const { data } = await client.query({ query });
    assert.equal(data.viewer.name, "local");
    bodies.push(watched.asked.map(({ method, body }) => [method, body && "query" in body]));
  }
  assert.deepEqual(bodies, [
    [
      ["POST", false],
      ["POST", true],
    ],
    [["POST", false]],
    [["GET", undefined]],
  ]);
});
