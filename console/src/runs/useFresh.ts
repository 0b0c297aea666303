import { useEffect, useRef, useState } from "react";
import { type AnyVariables, type TypedDocumentNode, type UseQueryResponse, useQuery } from "urql";

/** Milliseconds between two countings: of 100,000 runs one takes a tenth of a second of the service's time. */
const REST_MS = 3_000;

/** A number that grows after something was told, at once and then once a rest at most; not while nobody looks. */
export function useVersion(listen: (listener: () => void) => () => void): number {
  const [version, setVersion] = useState(0);
  useEffect(() => {
    let isDue = false;
    let rest: ReturnType<typeof setTimeout> | undefined;
    function count() {
      if (!isDue || document.hidden) return;
      isDue = false;
      setVersion((before) => before + 1);
      rest = setTimeout(() => {
        rest = undefined;
        count();
      }, REST_MS);
    }
    function told() {
      isDue = true;
      if (!rest) count();
    }
    const forget = listen(told);
    document.addEventListener("visibilitychange", count);
    return () => {
      forget();
      document.removeEventListener("visibilitychange", count);
      clearTimeout(rest);
    };
  }, [listen]);
  return version;
}

interface Fresh<Data, Variables extends AnyVariables> {
  query: TypedDocumentNode<Data, Variables>;
  variables: Variables;
  pause: boolean;
  version: number;
}

/** As `useQuery`, asked once more for each version, and with the answer before until the next one is there. */
export function useFresh<Data, Variables extends AnyVariables>(
  fresh: Fresh<Data, Variables>,
): UseQueryResponse<Data, Variables>[0] {
  const { query, variables, pause, version } = fresh;
  const args = { query, variables, pause, requestPolicy: "cache-and-network" as const };
  // Of `args` the type depends on whether Variables is empty, which nobody knows here.
  const [answer, ask] = useQuery<Data, Variables>(args as Parameters<typeof useQuery<Data, Variables>>[0]);
  const asked = useRef(version);
  useEffect(() => {
    if (asked.current === version || pause) return;
    asked.current = version;
    ask({ requestPolicy: "network-only" });
  }, [ask, version, pause]);
  const [last, setLast] = useState(answer.data);
  if (answer.data && answer.data !== last) setLast(answer.data);
  return { ...answer, data: answer.data ?? last };
}
