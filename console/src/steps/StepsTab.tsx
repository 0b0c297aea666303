import { useEffect, useState } from "react";
import { Link } from "wouter";
import { useNow } from "../parts/clock.ts";
import { Empty, Failed, Loading } from "../parts/Panel.tsx";
import { runPath } from "../parts/runPaths.ts";
import { changed } from "../parts/sets.ts";
import { useShortcut } from "../parts/shortcuts.tsx";
import { TreeRows } from "../parts/TreeRows.tsx";
import { useSearchParams } from "../parts/useSearchParams.ts";
import { StepCells, StepHeaders } from "./StepCells.tsx";
import { StepDetail } from "./StepDetail.tsx";
import css from "./StepsTab.module.css";
import type { Story } from "./story.ts";
import { axisOf } from "./timeline.ts";
import { ancestorKeys, parentKeys, stepRows } from "./tree.ts";
import { useStory } from "./useStory.ts";

const ROW_PX = 32;

/** The steps of a workflow as a tree, each with its times beside it, as they happen. */
export default function StepsTab({ runId }: { runId: string }) {
  const { story, error, retry } = useStory(runId);
  if (error) return <Failed what="the steps" error={error} onRetry={retry} />;
  if (!story) return <Loading what="the steps" height="20rem" />;
  if (story.steps.size === 0) {
    return (
      <Empty title={story.completedAt === null ? "No step was told of yet" : "It ran without steps"}>
        An agent that does one thing has none. <Link href={runPath(runId, "logs")}>Its log</Link> tells what
        it did.
      </Empty>
    );
  }
  return <Steps runId={runId} story={story} />;
}

function Steps({ runId, story }: { runId: string; story: Story }) {
  const [chosen, choose] = useChosenStep();
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const now = useNow(story.completedAt === null);
  const rows = stepRows(story, closed);
  const axis = axisOf(story, now);
  const detail = chosen === null ? undefined : story.steps.get(chosen);
  const isKnown = detail !== undefined;

  // A link to a step shows it, whatever was closed.
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is closed later stays so
  useEffect(() => {
    if (chosen && isKnown) setClosed((closed) => changed(closed, ancestorKeys(story, chosen), false));
  }, [chosen, isKnown]);

  function move(by: number): void {
    const next = rows[rows.findIndex(({ key }) => key === chosen) + by];
    if (next) choose(next.key);
  }

  useShortcut(["j"], "Next step", () => move(1));
  useShortcut(["k"], "Previous step", () => move(-1));

  function toggle(key: string, isOpen: boolean): void {
    setClosed(changed(closed, [key], !isOpen));
  }

  return (
    <div className={css.steps} data-detailed={isKnown || undefined}>
      <TreeRows
        label="steps"
        rows={rows}
        rowHeight={ROW_PX}
        className={css.tree}
        header={<StepHeaders axis={axis} />}
        chosen={chosen}
        onToggle={({ key }, isOpen) => toggle(key, isOpen)}
        onToggleAll={(isOpen) => setClosed(isOpen ? new Set() : parentKeys(story))}
        onChoose={({ key }) => choose(key)}
      >
        {(row) => (
          <StepCells row={row} axis={axis} now={now} onToggle={(isOpen) => toggle(row.key, isOpen)} />
        )}
      </TreeRows>
      {detail && <StepDetail key={detail.step.id} runId={runId} told={detail} onClose={() => choose(null)} />}
      {chosen && !detail && <p className="quiet">No step {chosen} was told of.</p>}
    </div>
  );
}

/** The step whose details are shown stands in the address; going from one to the next leaves no trail. */
function useChosenStep(): [string | null, (key: string | null) => void] {
  const [search, setSearch] = useSearchParams();
  const chosen = search.get("step");

  function choose(key: string | null): void {
    const change = (before: URLSearchParams) => {
      const next = new URLSearchParams(before);
      if (key === null) next.delete("step");
      else next.set("step", key);
      return next;
    };
    setSearch(change, { replace: chosen !== null });
  }

  return [chosen, choose];
}
