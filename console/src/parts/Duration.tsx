import { useNow } from "./clock.ts";
import { durationText } from "./duration.ts";

interface Props {
  startedAt: string;
  /** Seconds, once it is over; until then it ticks. */
  seconds: number | null | undefined;
}

/** How long something took, or takes until now. */
export function Duration({ startedAt, seconds }: Props) {
  const now = useNow(seconds == null);
  const shown = seconds ?? Math.max(0, Math.floor((now - Date.parse(startedAt)) / 1_000));
  return <span className="numbers">{durationText(shown)}</span>;
}
