import { useLocation } from "wouter";
import { useSearch } from "wouter/use-browser-location";

type Change = (before: URLSearchParams) => URLSearchParams;

/** As wouter's, which decodes the query before it takes it apart: of a `%41` that somebody typed it makes an `A`. */
export function useSearchParams(): [
  URLSearchParams,
  (change: Change, options: { replace: boolean }) => void,
] {
  const search = useSearch();
  const [path, navigate] = useLocation();

  function setParams(change: Change, options: { replace: boolean }): void {
    const next = change(new URLSearchParams(search));
    navigate(next.size > 0 ? `${path}?${next}` : path, options);
  }

  return [new URLSearchParams(search), setParams];
}
