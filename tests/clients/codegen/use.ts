// A page that uses the generated types: the type checker reads it, nobody runs it.
import type {
  FollowSubscription,
  RunPageQuery,
  RunsQuery,
  RunsQueryVariables,
  StartMutationVariables,
} from "./operations.js";
import type { Scalars } from "./schema.js";

/** Both are the same type, neither being `any`. */
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

// Every scalar of the schema: one more fails here, as does one that is `any`.
const names: Same<
  keyof Scalars,
  "ID" | "String" | "Boolean" | "Int" | "Float" | "DateTime" | "JSON"
> = true;
const time: Same<Scalars["DateTime"], { input: string; output: string }> = true;
const json: Same<Scalars["JSON"], { input: unknown; output: unknown }> = true;
const id: Same<Scalars["ID"]["output"], string> = true;

export const start: StartMutationVariables = {
  input: {
    agent: { name: "nightly-etl" },
    cluster: "eu-1",
    trigger: { source: "MANUAL", name: "ada" },
    inputs: { since: ["2026-11-01", 1.5, null] },
    startedAt: "2026-11-01T12:30:00Z",
  },
};
export const few: RunsQueryVariables = { first: 2, filter: { statuses: ["RUNNING", "RETRYING"] } };

// @ts-expect-error: a cluster has to be told
export const without: StartMutationVariables = { input: { ...start.input, cluster: undefined } };
// @ts-expect-error: there is no such status
export const wrong: RunsQueryVariables = { filter: { statuses: ["WAITING"] } };

export function shown({ runs }: RunsQuery): string[] {
  return runs.nodes.map(({ agent, startedAt, durationSeconds }) => {
    const began: string = startedAt;
    const took: number | null | undefined = durationSeconds;
    return `${agent.name} ${began} ${took?.toFixed(1) ?? ""}`;
  });
}

export function numbers({ run }: RunPageQuery): number[] {
  const sections = run?.report?.sections ?? [];
  return sections.flatMap((section) =>
    section.__typename === "MetricsSection" ? section.metrics.map(({ value }) => value) : [],
  );
}

export function isOver({ logLines }: FollowSubscription): boolean {
  const last: number | undefined = logLines.lines.at(-1)?.sequence;
  return logLines.end === "RUN_ENDED" && last !== undefined;
}

export const checked = [names, time, json, id];
