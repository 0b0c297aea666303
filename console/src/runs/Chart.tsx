import { useEffect, useMemo, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { RunStatus } from "../api/schema.gen.ts";
import { instantText } from "../parts/instants.ts";
import { Status } from "../parts/Status.tsx";
import { counted } from "../parts/words.ts";
import css from "./Chart.module.css";
import { type Bar, plotted, STACK, stretch, totalOf } from "./chartData.ts";
import type { Span } from "./period.ts";

interface Props {
  bars: readonly Bar[];
  /** A stretch was drawn over it. */
  onSpan: (span: Span) => void;
}

/** Pixels that the pointer must be drawn by; less is a press. */
const LEAST_DRAG_PX = 6;
const MINUTE_S = 60;
const DAY_S = 86_400;
/** Pixels of the tip, with what surrounds it. */
const TIP_PX = 200;

/** Runs over time by status, as bars. Who cannot draw over it has the dates of the filter. */
export default function Chart({ bars, onSpan }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const [pointed, setPointed] = useState<{ index: number; left: number } | null>(null);
  const data = useMemo(() => plotted(bars) as uPlot.AlignedData, [bars]);
  const latest = useRef({ bars, data, onSpan });
  useEffect(() => {
    latest.current = { bars, data, onSpan };
  });
  const plot = useRef<uPlot>(undefined);

  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const made = new uPlot(
      options(element, {
        onPoint: setPointed,
        onStretch: (from, until) => {
          const span = stretch(latest.current.bars, from, until);
          if (span) latest.current.onSpan(span);
        },
      }),
      latest.current.data,
      element,
    );
    plot.current = made;
    const sized = new ResizeObserver(() => made.setSize(sizeOf(element)));
    sized.observe(element);
    const forget = onTheme(() => made.redraw(false));
    return () => {
      sized.disconnect();
      forget();
      made.destroy();
    };
  }, []);

  useEffect(() => plot.current?.setData(data), [data]);

  const bar = pointed && bars[pointed.index];
  return (
    <>
      <p className="unseen">{summary(bars)}</p>
      <div ref={place} className={css.chart} aria-hidden data-testid="chart">
        {bar && (
          <div className={css.tip} style={{ left: pointed.left }}>
            <strong>{instantText(new Date(bar.from).toISOString())}</strong>
            {STACK.toReversed().map((status) =>
              bar.counts[status] ? (
                <div key={status}>
                  <Status status={status} />
                  <span className="numbers">{bar.counts[status]?.toLocaleString()}</span>
                </div>
              ) : null,
            )}
            {totalOf(bar) === 0 && <span className="quiet">No runs</span>}
          </div>
        )}
      </div>
    </>
  );
}

interface Heard {
  onPoint: (at: { index: number; left: number } | null) => void;
  onStretch: (from: number, until: number) => void;
}

function options(element: HTMLElement, { onPoint, onStretch }: Heard): uPlot.Options {
  const quiet = () => colour(element, "var(--quiet)");
  const font = `11px ${getComputedStyle(element).fontFamily}`;
  const line = { stroke: () => colour(element, "var(--line)"), width: 1 };
  const timeText = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
  const dayText = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
  return {
    ...sizeOf(element),
    legend: { show: false },
    padding: [8, 18, 0, 0],
    cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false } },
    scales: {
      // Of a single bar uPlot would show the years around it.
      x: { range: (_, least, most) => (least < most ? [least, most] : [least - MINUTE_S, most + MINUTE_S]) },
      y: { range: (_, __, most) => [0, Math.max(1, most)] },
    },
    axes: [
      {
        stroke: quiet,
        font,
        size: 24,
        gap: 4,
        space: 70,
        grid: { show: false },
        ticks: line,
        values: (_, instants, __, ___, apart) =>
          instants.map((instant) => {
            const date = new Date(instant * 1_000);
            const isMidnight = date.getHours() === 0 && date.getMinutes() === 0;
            return (apart >= DAY_S || isMidnight ? dayText : timeText).format(date);
          }),
      },
      {
        stroke: quiet,
        font,
        size: 40,
        gap: 4,
        grid: line,
        ticks: { show: false },
        space: 28,
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 1e6, 1e7],
      },
    ],
    series: [{}, ...STACK.toReversed().map((status) => bars(element, status))],
    hooks: {
      setCursor: [
        ({ cursor: { idx, left = -1 }, over }) => {
          if (idx == null || left < 0) return onPoint(null);
          const shown = over.offsetLeft + left + 12;
          onPoint({ index: idx, left: Math.min(shown, element.clientWidth - TIP_PX) });
        },
      ],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          if (width < LEAST_DRAG_PX) return;
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          onStretch(plot.posToVal(left, "x") * 1_000, plot.posToVal(left + width, "x") * 1_000);
        },
      ],
    },
  };
}

const FILLS: Record<RunStatus, string> = {
  RUNNING: "var(--running)",
  RETRYING: "var(--retrying)",
  COMPLETED: "color-mix(in srgb, var(--completed) 55%, var(--page))",
  FAILED: "var(--failed)",
  CANCELLED: "color-mix(in srgb, var(--cancelled) 55%, var(--page))",
};

function bars(element: HTMLElement, status: RunStatus): uPlot.Series {
  const fill = () => colour(element, FILLS[status]);
  return {
    fill,
    stroke: fill,
    width: 0,
    points: { show: false },
    paths: uPlot.paths.bars?.({ size: [0.85, 60] }),
  };
}

function sizeOf(element: HTMLElement): { width: number; height: number } {
  return { width: element.clientWidth, height: element.clientHeight };
}

/** A colour of a style sheet as one that a canvas takes; a variable may hold one for light and one for dark. */
function colour(element: HTMLElement, style: string): string {
  const before = element.style.color;
  element.style.color = style;
  const { color } = getComputedStyle(element);
  element.style.color = before;
  return color;
}

/** Have something done each time that light becomes dark, or dark light. */
function onTheme(run: () => void): () => void {
  const chosen = new MutationObserver(run);
  chosen.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  const system = matchMedia("(prefers-color-scheme: dark)");
  system.addEventListener("change", run);
  return () => {
    chosen.disconnect();
    system.removeEventListener("change", run);
  };
}

/** The same for those who hear a page. */
function summary(bars: readonly Bar[]): string {
  const [first] = bars;
  const total = bars.reduce((sum, bar) => sum + totalOf(bar), 0);
  if (!first || total === 0) return "Runs over time: none.";
  const highest = bars.reduce((most, bar) => (totalOf(bar) > totalOf(most) ? bar : most), first);
  const since = instantText(new Date(first.from).toISOString());
  const at = instantText(new Date(highest.from).toISOString());
  return `Runs over time: ${counted(total, "run")} since ${since}, most of them, ${totalOf(highest).toLocaleString()}, from ${at} on.`;
}
