import { useSyncExternalStore } from "react";

/** Milliseconds between two looks at the clock; nothing on a page tells less than a second. */
const TICK_MS = 1_000;

let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function tick(): void {
  now = Date.now();
  for (const listener of listeners) listener();
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  if (!timer) {
    now = Date.now();
    timer = setInterval(tick, TICK_MS);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

const never = () => () => {};

/** The time in milliseconds, which ticks each second while `isTicking`: one timer for the whole page. */
export function useNow(isTicking = true): number {
  return useSyncExternalStore(isTicking ? listen : never, () => now);
}
