// One run as a page with Relay has it: found again by its id, its log from the end and followed.
import { graphql } from "relay-runtime";

export const query = graphql`
  query RunPageQuery($id: ID!) {
    node(id: $id) {
      __typename
      ... on Run {
        ...RunPage_log @alias
        steps {
          key
          output
        }
        report {
          title
          sections {
            heading
            ... on TableSection {
              columns
              rows
            }
          }
        }
      }
    }
  }
`;

export const log = graphql`
  fragment RunPage_log on Run
  @refetchable(queryName: "RunPageLogQuery")
  @argumentDefinitions(
    last: { type: "Int", defaultValue: 2 }
    before: { type: "String" }
  ) {
    logs(last: $last, before: $before) @connection(key: "RunPage_logs") {
      edges {
        node {
          sequence
          at
          message
        }
      }
    }
  }
`;

export const follow = graphql`
  subscription RunPageSubscription($id: ID!, $after: String) {
    logLines(runId: $id, after: $after) {
      lines {
        sequence
        message
      }
      endCursor
      end
    }
  }
`;
