import { type FormEvent, useId, useState } from "react";
import { Button } from "../parts/Button.tsx";
import css from "./menus.module.css";
import { ALL_TIME, instantOf, isAllTime, type Period, PRESET_NAMES, presetLabel } from "./period.ts";

interface Props {
  period: Period;
  onPeriod: (period: Period) => void;
}

/** When runs began: some time past, or from one time until another. */
export default function PeriodMenu({ period, onPeriod }: Props) {
  return (
    <div className={css.menu}>
      <ul className={css.items} aria-label="Started in">
        <li>
          <button type="button" aria-pressed={isAllTime(period)} onClick={() => onPeriod(ALL_TIME)}>
            All time
          </button>
        </li>
        {PRESET_NAMES.map((preset) => (
          <li key={preset}>
            <button
              type="button"
              aria-pressed={"preset" in period && period.preset === preset}
              onClick={() => onPeriod({ preset })}
            >
              {presetLabel(preset)}
            </button>
          </li>
        ))}
      </ul>
      <SpanForm period={period} onPeriod={onPeriod} />
    </div>
  );
}

function SpanForm({ period, onPeriod }: Props) {
  const id = useId();
  const span = "preset" in period ? ALL_TIME : period;
  const [from, setFrom] = useState(() => localText(span.from));
  const [until, setUntil] = useState(() => localText(span.until));
  const isBackwards = from !== "" && until !== "" && from >= until;

  function submit(event: FormEvent) {
    event.preventDefault();
    onPeriod({ from: instantFrom(from), until: instantFrom(until) });
  }

  return (
    <form className={css.form} onSubmit={submit}>
      <label htmlFor={`${id}-from`}>From</label>
      <input
        id={`${id}-from`}
        type="datetime-local"
        value={from}
        onChange={(event) => setFrom(event.target.value)}
      />
      <label htmlFor={`${id}-until`}>Until</label>
      <input
        id={`${id}-until`}
        type="datetime-local"
        value={until}
        onChange={(event) => setUntil(event.target.value)}
      />
      {isBackwards && (
        <p className={css.wrong} role="alert">
          It ends before it begins.
        </p>
      )}
      <Button type="submit" disabled={isBackwards || (!from && !until)}>
        Show these
      </Button>
    </form>
  );
}

/** As `datetime-local` has it: the viewer's own time to the minute, without a zone. */
function localText(instant: string | null): string {
  if (!instant) return "";
  const date = new Date(instant);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function instantFrom(local: string): string | null {
  return local ? instantOf(new Date(local).toISOString()) : null;
}
