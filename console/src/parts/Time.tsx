import { exactText, instantText } from "./instants.ts";

/** A point in time in the viewer's zone, with the exact UTC on hover. */
export function Time({ at }: { at: string }) {
  return (
    <time className="numbers" dateTime={at} title={exactText(at)}>
      {instantText(at)}
    </time>
  );
}
