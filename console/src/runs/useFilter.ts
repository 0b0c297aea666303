import { useCallback, useMemo } from "react";
import { useLocation } from "wouter";
import { useLocationProperty } from "wouter/use-browser-location";
import { type Filter, type Read, readFilter, runsAddress } from "./filter.ts";

export interface Filtering extends Read {
  /** Goes to the list of other runs; `replace` where nobody would want to come back to this one. */
  setFilter: (filter: Filter, options?: { replace?: boolean }) => void;
}

/** What the address asks for. */
export function useFilter(): Filtering {
  // Not wouter's useSearch: it decodes the query once before it is taken apart.
  const query = useLocationProperty(() => location.search);
  const [, navigate] = useLocation();
  const read = useMemo(() => readFilter(query), [query]);
  const setFilter = useCallback<Filtering["setFilter"]>(
    (filter, options) => navigate(runsAddress(filter), options),
    [navigate],
  );
  return { ...read, setFilter };
}
