import { useEffect } from "react";
import { Link } from "wouter";
import { codeOf, sentenceOf } from "../api/errors.ts";
import { Empty, Failed, Loading } from "../parts/Panel.tsx";
import { word } from "../parts/words.ts";
import { ErrorPanel } from "./ErrorPanel.tsx";
import type { RunHeadFragment } from "./head.gen.ts";
import { Inputs } from "./Inputs.tsx";
import { Notices } from "./Notices.tsx";
import { RunHead } from "./RunHead.tsx";
import css from "./RunPage.module.css";
import { isTab, Tabs } from "./Tabs.tsx";
import { useLiveRun } from "./useLiveRun.ts";

export default function RunPage({ id, tab = "logs" }: { id: string; tab: string | undefined }) {
  const { run, wasDeleted, error, liveError, retry } = useLiveRun(id);
  useTitle(run);
  if (error) {
    // Of an id that is none: once more it would be the same.
    const isNowhere = codeOf(error) === "BAD_INPUT";
    if (isNowhere) return <Nowhere title={sentenceOf(error)} />;
    return <Failed what="the run" error={error} onRetry={retry} />;
  }
  if (run === undefined) return <Loading what="the run" height="24rem" />;
  if (run === null)
    return <Nowhere title={wasDeleted ? "This run was deleted" : "There is no run at this address"} />;
  if (!isTab(tab)) return <Nowhere title={`A run has no page ${tab}`} />;
  return (
    <div className={css.page}>
      <RunHead run={run} />
      <Notices run={run} liveError={liveError} />
      {run.error && <ErrorPanel runId={id} error={run.error} />}
      <Inputs runId={id} />
      <Tabs run={run} current={tab} />
    </div>
  );
}

function Nowhere({ title }: { title: string }) {
  return (
    <Empty title={title}>
      <p>It may have been deleted, or the address is not whole.</p>
      <Link href="/runs">All runs</Link>
    </Empty>
  );
}

/** The browser's tabs and its history tell the run, and how it is. */
function useTitle(run: RunHeadFragment | null | undefined): void {
  const title = run ? `${run.agent.name} · ${word(run.status)}` : "Run";
  useEffect(() => {
    const before = document.title;
    document.title = `${title} · Agent Runs`;
    return () => {
      document.title = before;
    };
  }, [title]);
}
