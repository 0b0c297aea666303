// The Logs tab: a run's lines as they are written, of a log of any length.
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import type { LogFilter } from "../api/schema.gen.ts";
import { useShortcut } from "../parts/shortcuts.tsx";
import { stored } from "../parts/stored.ts";
import {
  described,
  filterOf,
  type LogAddress,
  matchesOf,
  readHash,
  UNFILTERED,
  writeAddress,
} from "./address.ts";
import { patternOf } from "./ansi.ts";
import { LogDownloads } from "./LogDownloads.tsx";
import { LogFilters } from "./LogFilters.tsx";
import { LogNotice } from "./LogNotice.tsx";
import { LogReader } from "./LogReader.ts";
import { LogSearch } from "./LogSearch.tsx";
import { LogStatus } from "./LogStatus.tsx";
import css from "./LogsTab.module.css";
import toolbarCss from "./LogToolbar.module.css";
import { LogToolbar } from "./LogToolbar.tsx";
import { LogView } from "./LogView.tsx";
import { MatchingLog } from "./MatchingLog.ts";
import { useLogAddress } from "./useLogAddress.ts";
import { WholeLog } from "./WholeLog.ts";

interface Props {
  runId: string;
  /** Whether more lines may come: then it begins at the end of the log. */
  isActive: boolean;
  steps: readonly { key: string; name: string }[];
  attempts: number;
}

const times = stored("log-times", false, (value) => typeof value === "boolean");

export default function LogsTab({ runId, isActive, steps, attempts }: Props) {
  const { address, range, go, select } = useLogAddress();
  const [hasTimes, setTimes] = useState(times.read);
  const [isFull, setFull] = useFullScreen();
  const place = useRef(1);
  const filter = filterOf(address);
  const reader = useMemo(() => new LogReader(runId), [runId]);
  const log = useLog(reader, filter, range?.first ?? (isActive ? "end" : 1));
  const state = useSyncExternalStore(log.listen, log.state);
  const pattern = useMemo(() => patternOf(address.text), [address.text]);
  const names = useMemo(() => new Map(steps.map(({ key, name }) => [key, name])), [steps]);
  const stepName = useCallback((key: string) => names.get(key) ?? key, [names]);

  const change = (change: Partial<LogAddress>, isTyped = false) =>
    go({ ...address, ...change }, "isWrapped" in change || "isOnlyMatches" in change ? range : null, isTyped);
  const showAll = () => go({ ...address, ...UNFILTERED }, range);

  const acts = useMemo(() => {
    // A match is shown among the lines around it.
    const inContext = { ...address, ...UNFILTERED, text: address.text, isOnlyMatches: false };
    const around = filterOf(address) ? inContext : address;
    return {
      point(sequence: number, extends_: boolean) {
        const line = { first: sequence, last: sequence };
        if (extends_) select(range ? spanning(range.first, sequence) : line);
        else if (around === address) select(line);
        else go(around, line);
      },
      hrefOf: (sequence: number) => `${location.pathname}${writeAddress(around)}#L${sequence}`,
      showStep: (step: string) => go({ ...address, step }, null),
      stepName,
    };
  }, [address, range, go, select, stepName]);

  async function step(direction: 1 | -1): Promise<boolean> {
    // As it is now: a step may have been taken since this was drawn.
    const from = readHash(location.hash)?.first ?? place.current - 1;
    const found = await reader.nearest(matchesOf(address), Math.max(direction > 0 ? 0 : 1, from), direction);
    if (found !== null) select({ first: found, last: found });
    return found !== null;
  }

  function toggleTimes() {
    times.write(!hasTimes);
    setTimes(!hasTimes);
  }

  return (
    <div className={css.tab} data-full={isFull || undefined}>
      {isFull && <Leave onLeave={() => setFull(false)} />}
      <div className={toolbarCss.bar}>
        <LogSearch address={address} change={change} step={step} />
        <LogFilters address={address} steps={steps} attempts={attempts} change={change} />
        <LogToolbar
          isWrapped={address.isWrapped}
          hasTimes={hasTimes}
          isFull={isFull}
          onWrap={() => change({ isWrapped: !address.isWrapped })}
          onTimes={toggleTimes}
          onFull={() => setFull(!isFull)}
          onFold={log instanceof WholeLog ? () => void log.foldAll() : undefined}
          onUnfold={log instanceof WholeLog ? () => log.unfoldAll() : undefined}
        />
      </div>
      {state.rows === 0 ? (
        <LogNotice
          log={log}
          state={state}
          filtered={filter ? described(address, stepName) : null}
          onShowAll={showAll}
        />
      ) : (
        <LogView
          key={filter ? "matches" : "all"}
          log={log}
          state={state}
          range={range}
          isWrapped={address.isWrapped}
          hasTimes={hasTimes}
          pattern={pattern}
          follows={isActive && !range}
          acts={acts}
          place={place}
        />
      )}
      <LogStatus
        log={log}
        state={state}
        isFiltered={filter !== null}
        range={range}
        onShowAll={showAll}
        onClearRange={() => select(null)}
      >
        <LogDownloads runId={runId} address={address} />
      </LogStatus>
    </div>
  );
}

function spanning(one: number, other: number) {
  return { first: Math.min(one, other), last: Math.max(one, other) };
}

/** The log's lines as the filter has them, read and followed for as long as they are shown. */
function useLog(reader: LogReader, filter: LogFilter | null, goTo: number | "end") {
  const key = JSON.stringify(filter);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only where to begin
  const log = useMemo(() => {
    const wanted: LogFilter | null = JSON.parse(key);
    return wanted ? new MatchingLog(reader, wanted) : new WholeLog(reader, goTo);
  }, [reader, key]);
  useEffect(() => log.open(), [log]);
  return log;
}

/** Over the whole page, until Escape. */
function useFullScreen() {
  const [isFull, setFull] = useState(false);
  useEffect(() => {
    document.documentElement.style.overflow = isFull ? "hidden" : "";
    return () => {
      document.documentElement.style.overflow = "";
    };
  }, [isFull]);
  return [isFull, setFull] as const;
}

function Leave({ onLeave }: { onLeave: () => void }) {
  useShortcut(["Escape"], "Leave the full screen", onLeave);
  return null;
}
