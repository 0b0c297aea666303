// A list of runs as a page with Relay has it: pages of a connection, deletion, live updates.
import { graphql } from "relay-runtime";

export const query = graphql`
  query RunListQuery($filter: RunFilter) {
    viewer {
      name
      role
    }
    ...RunList_runs @arguments(filter: $filter)
  }
`;

export const runs = graphql`
  fragment RunList_runs on Query
  @refetchable(queryName: "RunListPageQuery")
  @argumentDefinitions(
    first: { type: "Int", defaultValue: 2 }
    after: { type: "String" }
    filter: { type: "RunFilter" }
  ) {
    runs(first: $first, after: $after, filter: $filter)
      @connection(key: "RunList_runs", filters: ["filter"]) {
      totalCount
      edges {
        node {
          id
          ...RunList_run
        }
      }
    }
  }
`;

export const run = graphql`
  fragment RunList_run on Run {
    revision
    status
    inputs
    startedAt
    durationSeconds
    agent {
      name
    }
    trigger {
      source
      name
    }
    error {
      message
    }
  }
`;

export const deletion = graphql`
  mutation RunListDeleteMutation($input: DeleteRunsInput!, $connections: [ID!]!) {
    deleteRuns(input: $input) {
      deletedRunIds @deleteEdge(connections: $connections)
      deletion {
        id
        count
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`;

export const updates = graphql`
  subscription RunListSubscription($filter: RunFilter) {
    runUpdates(filter: $filter) {
      kind
      run {
        id
        ...RunList_run
      }
      deletedRunId @deleteRecord
    }
  }
`;
