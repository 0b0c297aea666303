import { useMemo } from "react";
import { useLocation } from "wouter";
import { useLocationProperty, useSearch } from "wouter/use-browser-location";
import { type LogAddress, type Range, readAddress, readHash, writeAddress, writeHash } from "./address.ts";

/** The page's address, and how to change it. */
export function useLogAddress() {
  const [path, navigate] = useLocation();
  // Not the one of "wouter": it decodes the query once before it is taken apart.
  const search = useSearch();
  const hash = useLocationProperty(() => location.hash);
  return useMemo(() => {
    const address = readAddress(search);
    return {
      address,
      range: readHash(hash),
      /** Show other lines, or others as pointed at. What somebody types is one step of Back's. */
      go(to: LogAddress, range: Range | null, isTyped = false) {
        navigate(path + writeAddress(to) + writeHash(range), { replace: isTyped });
      },
      /** Point at lines among those that are shown. */
      select(range: Range | null) {
        navigate(path + writeAddress(address) + writeHash(range), { replace: true });
      },
    };
  }, [path, navigate, search, hash]);
}
