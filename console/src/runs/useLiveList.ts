import { useLayoutEffect, useMemo, useState, useSyncExternalStore } from "react";
import { useClient } from "urql";
import { readFilter } from "./filter.ts";
import { type Live, LiveList } from "./LiveList.ts";
import { nameEntry, remember, remembered } from "./remembered.ts";

interface Shown extends Live {
  store: LiveList;
  /** Whether it is still the list before, since the one that was asked for is not there yet. */
  isOld: boolean;
}

/** The list that a query string of the address asks for, live, and as it was left where somebody comes back to it. */
export function useLiveList(query: string): Shown {
  const client = useClient();
  const store = useMemo(() => {
    const left = remembered();
    const list = left?.list.asked?.query === query ? left.list : undefined;
    return new LiveList(client, readFilter(query).filter, list);
  }, [client, query]);

  useLayoutEffect(() => {
    scrollTo(0, remembered()?.scroll ?? 0);
    const entry = nameEntry();
    const stop = store.start();
    return () => {
      stop();
      remember(entry, { list: store.current().list, scroll: scrollY });
    };
  }, [store]);

  const live = useSyncExternalStore(store.listen, store.current);
  const [last, setLast] = useState(live);
  if (live.list.asked && live !== last) setLast(live);
  const isOld = !live.list.asked && last.list.asked !== null;
  return { ...live, list: isOld ? last.list : live.list, store, isOld };
}
