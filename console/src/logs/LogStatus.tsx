import { type ReactNode, useEffect, useRef, useState } from "react";
import { sentenceOf } from "../api/errors.ts";
import { Button } from "../parts/Button.tsx";
import { copyText } from "../parts/clipboard.ts";
import { counted } from "../parts/words.ts";
import type { Range } from "./address.ts";
import type { Log, LogState } from "./Log.ts";
import css from "./LogStatus.module.css";

interface Props {
  log: Log;
  state: LogState;
  isFiltered: boolean;
  range: Range | null;
  onShowAll: () => void;
  onClearRange: () => void;
  children: ReactNode;
}

/** How many lines there are, how many are hidden, and what can be done with those that are pointed at. */
export function LogStatus({ log, state, isFiltered, range, onShowAll, onClearRange, children }: Props) {
  const { error, phase } = state;
  return (
    <section className={css.status} aria-label="About the log">
      <span className="numbers">{countText(state, isFiltered)}</span>
      {isFiltered && (
        <Button look="plain" onClick={onShowAll}>
          Show all lines
        </Button>
      )}
      {error && (
        <span className={css.error} role="alert">
          {sentenceOf(error)}
          <Button look="plain" onClick={log.retry}>
            Try again
          </Button>
        </span>
      )}
      {range && <Pointed log={log} range={range} onClear={onClearRange} />}
      {children}
      <News last={state.last} isLive={phase === "live"} />
    </section>
  );
}

function countText(state: LogState, isFiltered: boolean): string {
  if (state.phase === "loading") return "";
  return isFiltered ? filteredText(state) : counted(state.last, "line");
}

function filteredText({ rows, last, seen, phase, hasLater, hasEarlier }: LogState): string {
  const matches = rows === 1 ? "1 line matches" : `${rows.toLocaleString()} lines match`;
  if (phase === "reading" || hasLater || hasEarlier)
    return `${matches} · looked through ${seen.toLocaleString()} of ${counted(last, "line")}`;
  return `${matches} · ${(last - rows).toLocaleString()} of ${counted(last, "line")} hidden`;
}

/** Milliseconds that it says so. */
const SAID_MS = 2_000;
/** Lines that are copied at most; a file is better for more. */
const MAX_COPIED = 50_000;

function Pointed({ log, range, onClear }: { log: Log; range: Range; onClear: () => void }) {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), SAID_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);

  const { first, last } = range;
  const count = last - first + 1;

  async function copy() {
    setCopied(await copyText(await log.textOf(first, last), "the lines"));
  }

  return (
    <span className={css.pointed}>
      <span className="numbers">{first === last ? `Line ${first}` : `Lines ${first}–${last}`}</span>
      {count <= MAX_COPIED && (
        <Button look="plain" onClick={copy}>
          {isCopied ? "Copied" : `Copy ${counted(count, "line")}`}
        </Button>
      )}
      <Button look="plain" onClick={onClear}>
        Clear
      </Button>
    </span>
  );
}

/** Milliseconds between two sentences for those who hear the page: the lines themselves are not read out. */
const SPOKEN_EVERY_MS = 5_000;

function News({ last, isLive }: { last: number; isLive: boolean }) {
  const [news, say] = useState("");
  const latest = useRef(last);
  latest.current = last;
  useEffect(() => {
    if (!isLive) return say("");
    let told = latest.current;
    const timer = setInterval(() => {
      if (latest.current > told) say(counted(latest.current - told, "new line"));
      told = latest.current;
    }, SPOKEN_EVERY_MS);
    return () => clearInterval(timer);
  }, [isLive]);
  return (
    <span role="status" className="unseen">
      {news}
    </span>
  );
}
