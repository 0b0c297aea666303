// Keys, and the list of those that do something here and now, for `?`.
import { useEffect, useRef, useSyncExternalStore } from "react";
import { tinykeys } from "tinykeys";

export interface Shortcut {
  /** As tinykeys reads them: `j`, `[Shift]+?`, `$mod+k`; several are alternatives. */
  keys: readonly string[];
  does: string;
}

let known: readonly Shortcut[] = [];
const listeners = new Set<() => void>();

function change(next: readonly Shortcut[]): void {
  known = next;
  for (const listener of listeners) listener();
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** All that hold on the page as it is. */
export function useShortcuts(): readonly Shortcut[] {
  return useSyncExternalStore(listen, () => known);
}

/** Whether keys are somebody's text, or belong to a window over the page. */
function isTaken(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement;
  const isTyping = target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
  return isTyping || target.closest('[role="dialog"], [role="menu"], [role="listbox"]') !== null;
}

/** Have keys do something for as long as the component is there, but for while somebody types. */
export function useShortcut(keys: readonly string[], does: string, run: () => void): void {
  const latest = useRef(run);
  useEffect(() => {
    latest.current = run;
  });
  const joined = keys.join("\n");
  useEffect(() => {
    const shortcut = { keys: joined.split("\n"), does };
    const handle = (event: KeyboardEvent) => {
      event.preventDefault();
      latest.current();
    };
    const handlers = Object.fromEntries(shortcut.keys.map((key) => [key, handle]));
    const stop = tinykeys(window, handlers, { ignore: isTaken });
    change([...known, shortcut]);
    return () => {
      stop();
      change(known.filter((each) => each !== shortcut));
    };
  }, [joined, does]);
}
