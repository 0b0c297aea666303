import { Component, lazy, type ReactNode, Suspense, useEffect, useMemo } from "react";
import { barsOf, stepFor } from "./chartData.ts";
import { apiFilter, type Filter } from "./filter.ts";
import { type Span, spanAt } from "./period.ts";
import { RunsOverTimeDocument } from "./stats.gen.ts";
import css from "./Timeline.module.css";
import type { Counts } from "./useCounts.ts";
import { useFresh } from "./useFresh.ts";

const load = () => import("./Chart.tsx");
const Chart = lazy(load);

interface Props {
  filter: Filter;
  /** Undefined until they are known; the chart waits for them. */
  counts: Counts | undefined;
  /** Whether the list is there: nothing is to delay that. */
  isReady: boolean;
  version: number;
  onSpan: (span: Span) => void;
}

const TIME_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The place of the chart, which has its height from the beginning. */
export function Timeline({ filter, counts, isReady, version, onSpan }: Props) {
  useEffect(() => {
    if (isReady) load();
  }, [isReady]);
  const since = counts?.since ?? null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the past hour ends later with each version.
  const asked = useMemo(() => {
    const now = Date.now();
    const span = spanAt(filter.period, now);
    const from = span?.from ?? since;
    const until = span?.until ? Math.min(Date.parse(span.until), now) : now;
    const step = stepFor(from ? until - Date.parse(from) : 0);
    return { step, variables: { filter: apiFilter(filter, now), size: step.size, timeZone: TIME_ZONE } };
  }, [filter, since, version]);
  const { data } = useFresh({
    query: RunsOverTimeDocument,
    variables: asked.variables,
    pause: !since,
    version,
  });
  const buckets = data?.runStats?.buckets;
  const { step } = asked;
  const bars = useMemo(() => (buckets ? barsOf(buckets, step) : []), [buckets, step]);
  return (
    <section className={css.timeline} aria-label="Runs over time">
      {bars.length > 0 && (
        <Undrawn>
          <Suspense fallback={null}>
            <Chart bars={bars} onSpan={onSpan} />
          </Suspense>
        </Undrawn>
      )}
    </section>
  );
}

/** The list is worth showing without its chart: uPlot throws where a browser names a language that it does not know. */
class Undrawn extends Component<{ children: ReactNode }, { isBroken: boolean }> {
  override state = { isBroken: false };

  static getDerivedStateFromError() {
    return { isBroken: true };
  }

  override render() {
    if (this.state.isBroken) return <p className="quiet">The chart could not be drawn.</p>;
    return this.props.children;
  }
}
