import { useNow } from "./clock.ts";
import { durationText } from "./duration.ts";

/** How long it is until something happens, as it ticks down; `due` once the time is there. */
export function Countdown({ until, due }: { until: string; due: string }) {
  const seconds = Math.ceil((Date.parse(until) - useNow()) / 1_000);
  return <span className="numbers">{seconds > 0 ? `in ${durationText(seconds)}` : due}</span>;
}
