import { Suspense, useEffect } from "react";
import { useQuery } from "urql";
import { Link } from "wouter";
import type { RunStatus } from "../api/schema.gen.ts";
import { lazily } from "../parts/lazily.ts";
import { Loading } from "../parts/Panel.tsx";
import { runPath } from "../parts/runPaths.ts";
import { AttemptsTab } from "./AttemptsTab.tsx";
import { RunStepNamesDocument } from "./apart.gen.ts";
import type { RunHeadFragment } from "./head.gen.ts";
import css from "./Tabs.module.css";

const LogsTab = lazily(() => import("../logs/LogsTab.tsx"));
const StepsTab = lazily(() => import("../steps/StepsTab.tsx"));
const ReportTab = lazily(() => import("../report/ReportTab.tsx"));

// The tab that most come for is fetched while the run is being asked for; if it fails, it is tried again.
LogsTab.load().catch(() => {});

const TABS = ["logs", "steps", "report", "attempts"] as const;
type Tab = (typeof TABS)[number];

export function isTab(name: string): name is Tab {
  return (TABS as readonly string[]).includes(name);
}

interface Props {
  run: RunHeadFragment;
  current: Tab;
}

export function Tabs({ run, current }: Props) {
  const stepCount = run.stepCounts.reduce((sum, { count }) => sum + count, 0);
  return (
    <>
      <nav className={css.tabs} aria-label="Parts of the run">
        <TabLink run={run} to="logs" current={current} name="Logs" />
        <TabLink run={run} to="steps" current={current} name="Steps" note={stepCount} />
        <TabLink run={run} to="report" current={current} name="Report" note={REPORT_NOTES[run.status]} />
        <TabLink run={run} to="attempts" current={current} name="Attempts" note={run.attempts.length} />
      </nav>
      <div className={css.content}>
        <Suspense fallback={<Loading what="the tab" height="20rem" />}>
          {current === "logs" && <Logs run={run} stepCount={stepCount} />}
          {current === "steps" && <StepsTab key={run.id} runId={run.id} />}
          {current === "report" && <ReportTab runId={run.id} status={run.status} />}
          {current === "attempts" && <AttemptsTab run={run} />}
        </Suspense>
      </div>
    </>
  );
}

/** What the tab of the report says before it is opened. */
const REPORT_NOTES: Record<RunStatus, string> = {
  RUNNING: "not yet",
  RETRYING: "not yet",
  COMPLETED: "",
  FAILED: "none",
  CANCELLED: "none",
};

interface TabLinkProps extends Props {
  to: Tab;
  name: string;
  note?: string | number;
}

function TabLink({ run, to, current, name, note }: TabLinkProps) {
  return (
    <Link href={runPath(run.id, to)} aria-current={to === current ? "page" : undefined}>
      {name}
      {note !== undefined && note !== "" && <span className={css.note}>{note.toLocaleString()}</span>}
    </Link>
  );
}

/** One and the same, so that nothing is drawn anew for it. */
const NO_STEPS: readonly never[] = [];

function Logs({ run, stepCount }: { run: RunHeadFragment; stepCount: number }) {
  const [{ data }, readAgain] = useQuery({
    query: RunStepNamesDocument,
    variables: { id: run.id },
    pause: stepCount === 0,
  });
  const steps = data?.run?.steps ?? NO_STEPS;
  const isBehind = data !== undefined && steps.length < stepCount;
  useEffect(() => {
    if (isBehind) readAgain({ requestPolicy: "network-only" });
  }, [isBehind, readAgain]);
  const isActive = run.completedAt == null;
  return (
    <LogsTab key={run.id} runId={run.id} isActive={isActive} steps={steps} attempts={run.attempts.length} />
  );
}
