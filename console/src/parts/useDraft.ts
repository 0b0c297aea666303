import { useEffect, useRef, useState } from "react";

/**
 * What somebody types, until it has rested for some milliseconds and is told; or whatever the address says meanwhile,
 * where that changed by something else: Back, a link, another filter.
 */
export function useDraft(text: string, restMs: number, onRest: (typed: string) => void) {
  const [draft, setDraft] = useState(text);
  const [told, setTold] = useState(text);
  if (told !== text) {
    setTold(text);
    setDraft(text);
  }

  const latest = useRef(onRest);
  useEffect(() => {
    latest.current = onRest;
  });
  useEffect(() => {
    if (draft === told) return;
    const timer = setTimeout(() => {
      setTold(draft);
      latest.current(draft);
    }, restMs);
    return () => clearTimeout(timer);
  }, [draft, told, restMs]);
  return [draft, setDraft] as const;
}
