import { lazy } from "react";
import { useQuery } from "urql";
import { RunOfLogDocument } from "./run.gen.ts";

const LogsTab = lazy(() => import("../logs/LogsTab.tsx"));

export default function RunPage({ id, tab }: { id: string; tab: string | undefined }) {
  const [{ data }] = useQuery({ query: RunOfLogDocument, variables: { id } });
  const run = data?.run;
  if (!run) return null;
  return (
    <>
      <h1>
        {id} {tab}
      </h1>
      <LogsTab
        runId={id}
        isActive={run.status === "RUNNING" || run.status === "RETRYING"}
        steps={run.steps}
        attempts={run.attempts.length}
      />
    </>
  );
}
