import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import { Duration } from "../parts/Duration.tsx";
import { exactText } from "../parts/instants.ts";
import { Status } from "../parts/Status.tsx";
import { Cell } from "../parts/TreeRows.tsx";
import { word } from "../parts/words.ts";
import css from "./StepCells.module.css";
import type { Span } from "./story.ts";
import { type Axis, barOf, spanText, ticksOf } from "./timeline.ts";
import type { StepRow } from "./tree.ts";

/** Percent of the axis behind which a tick's text would run out of it. */
const LAST_TEXT = 85;

export function StepHeaders({ axis }: { axis: Axis }) {
  return (
    <>
      <Header className={css.name}>Step</Header>
      <Header className={css.status}>Status</Header>
      <Header>Duration</Header>
      <Header className={css.timeline}>
        <span className="unseen">Time since the start of the run</span>
        {ticksOf(axis).map(({ left, text }) => (
          <span key={left} aria-hidden className={css.tick} style={{ left: `${left}%` }}>
            {left < LAST_TEXT && <span className="numbers">{text}</span>}
          </span>
        ))}
      </Header>
    </>
  );
}

function Header({ className = "", children }: { className?: string | undefined; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y: a table's header cell has no place in rows that are placed one by one
    <span role="columnheader" className={`${className} ${css.header}`}>
      {children}
    </span>
  );
}

interface Props {
  row: StepRow;
  axis: Axis;
  now: number;
  onToggle: (isOpen: boolean) => void;
}

export function StepCells({ row, axis, now, onToggle }: Props) {
  const { step, spans, level, isOpen } = row;
  return (
    <>
      <Cell className={css.name} style={{ paddingInlineStart: `${(level - 1) * 1.15}rem` }}>
        <button
          type="button"
          className={css.toggle}
          tabIndex={-1}
          aria-label={isOpen ? `Collapse ${step.name}` : `Expand ${step.name}`}
          data-open={isOpen}
          onClick={() => onToggle(!isOpen)}
        >
          <ChevronRight aria-hidden size={15} />
        </button>
        <bdi className={css.text} title={step.name}>
          {step.name}
        </bdi>
      </Cell>
      <Cell className={css.status}>
        <Status status={step.status} />
      </Cell>
      <Cell>
        {step.startedAt && (
          <Duration
            startedAt={step.startedAt}
            seconds={step.completedAt ? (step.durationSeconds ?? 0) : null}
          />
        )}
      </Cell>
      <Cell className={css.timeline}>
        <span className={css.track}>
          {spans.map((span, index) => (
            <Bar key={span.from} span={span} axis={axis} now={now} isLast={index === spans.length - 1} />
          ))}
        </span>
        {spans.length > 0 && (
          <span className={css.times}>{spans.map((span) => told(span, axis, now)).join("; ")}</span>
        )}
      </Cell>
    </>
  );
}

/** A bar; those of earlier tries are paler. */
function Bar({ span, axis, now, isLast }: { span: Span; axis: Axis; now: number; isLast: boolean }) {
  const { left, width } = barOf(span, axis, now);
  return (
    <span
      aria-hidden
      className={css.bar}
      data-status={span.status}
      data-earlier={!isLast || undefined}
      style={{ left: `${left}%`, width: `${width}%` }}
      title={[told(span, axis, now), ...exactTimes(span)].join("\n")}
    />
  );
}

function exactTimes({ from, until }: Span): string[] {
  const times = until === null ? [from] : [from, until];
  return times.map((time) => exactText(new Date(time).toISOString()));
}

function told(span: Span, axis: Axis, now: number): string {
  const how = span.status === "PENDING" ? "broken off" : word(span.status).toLowerCase();
  return `Attempt ${span.attempt}: ${spanText(span, axis, now)}, ${how}`;
}
