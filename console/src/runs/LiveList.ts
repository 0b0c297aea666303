// Reads the list page by page and keeps it live. Each page is a query of its own: what is not in view costs nothing
// when a run changes. After an interruption pages are looked at again where they stand, so that nothing moves.
import type { Client, CombinedError } from "urql";
import { uncached } from "../api/client.ts";
import { apiFilter, apiOrder, type Filter, queryOf } from "./filter.ts";
import { type Asked, isNewestFirst, type List, type ListPage, learn, type News, NOTHING } from "./list.ts";
import { RunsAgainDocument, RunsAheadDocument, RunsPageDocument, RunUpdatesDocument } from "./runs.gen.ts";

/** Runs in a page: more than a screen, and read in a tenth of a second. */
export const PAGE_SIZE = 100;

/** Milliseconds until it is looked for what came ahead, and until what failed behind the scenes is tried again. */
const LATER_MS = 1_500;

export interface Live {
  list: List;
  /** Why the next page could not be read. */
  error: CombinedError | null;
  /** Why the list does not change by itself. */
  liveError: CombinedError | null;
}

export class LiveList {
  readonly query: string;
  readonly #client: Client;
  readonly #filter: Filter;
  readonly #listeners = new Set<() => void>();
  readonly #toldListeners = new Set<() => void>();
  #asked: Asked;
  #live: Live;
  #reading: object | null = null;
  readonly #checking = new Set<ListPage>();
  #unfollow = () => {};
  readonly #again = new Set<ReturnType<typeof setTimeout>>();

  /** `left` is the list as it was left by somebody who comes back to it. */
  constructor(client: Client, filter: Filter, left?: List) {
    this.query = queryOf(filter);
    this.#client = client;
    this.#filter = filter;
    this.#asked = left?.asked ?? ask(filter);
    const list = left ? learn(NOTHING, { type: "restored", list: left }) : NOTHING;
    this.#live = { list, error: null, liveError: null };
  }

  // Both for `useSyncExternalStore`.
  readonly current = (): Live => this.#live;
  readonly listen = (listener: () => void) => listening(this.#listeners, listener);

  /** Have something heard of whatever may change how many runs there are of what. */
  readonly listenTold = (listener: () => void) => listening(this.#toldListeners, listener);

  /** Until the function that it returns is called. */
  start(): () => void {
    this.#follow();
    if (!this.#live.list.asked) this.#read(null);
    return () => {
      this.#unfollow();
      this.#reading = null;
      for (const timer of this.#again) clearTimeout(timer);
    };
  }

  /** Read the next page, or once more what could not be read. */
  readonly readMore = (): void => {
    const { asked, next } = this.#live.list;
    if (this.#reading) return;
    if (asked !== this.#asked) this.#read(null);
    else if (next !== null) this.#read(next);
  };

  /** Read it anew: what waited is in it, what is gone is not, and the past hour ends now. */
  readonly refresh = (): void => {
    this.#asked = ask(this.#filter);
    if ("preset" in this.#filter.period) this.#follow();
    this.#read(null);
  };

  /** See how the runs of a page are by now. */
  readonly check = async (page: ListPage): Promise<void> => {
    if (this.#checking.has(page)) return;
    this.#checking.add(page);
    const { epoch, absent: since } = this.#live.list;
    const ids = [...page.ids];
    const variables = { ids, filter: { ...this.#live.list.asked?.filter, ids }, first: PAGE_SIZE };
    const { data } = await this.#client.query(RunsAgainDocument, variables, FRESH).toPromise();
    this.#checking.delete(page);
    if (!data) return this.#later(() => this.check(page));
    const matching = new Set(data.runs.nodes.map(({ id }) => id));
    const there = new Set(data.nodes.flatMap((node) => (node?.__typename === "Run" ? node.id : [])));
    this.#learn({ type: "checked", page, epoch, since, matching, there });
  };

  async #read(after: string | null): Promise<void> {
    const asked = this.#asked;
    const reading = {};
    this.#reading = reading;
    if (this.#live.error) this.#become({ error: null });
    if (after === null) this.#learn({ type: "asked" });
    const { epoch } = this.#live.list;
    const variables = { filter: asked.filter, orderBy: asked.orderBy, first: PAGE_SIZE, after };
    const { data, error } = await this.#client.query(RunsPageDocument, variables, FRESH).toPromise();
    // Somebody may have asked for something else meanwhile.
    if (this.#reading !== reading) return;
    this.#reading = null;
    if (!data) return this.#become({ error: error ?? null });
    const { nodes, pageInfo } = data.runs;
    const ids = nodes.map(({ id }) => id);
    const next = pageInfo.hasNextPage ? (pageInfo.endCursor ?? null) : null;
    const canAct = nodes.some((run) => run.viewerCanDelete || run.viewerCanCancel);
    this.#learn({ type: "read", asked, after, ids, next, epoch, canAct });
  }

  #follow(): void {
    this.#unfollow();
    const { filter } = this.#asked;
    this.#unfollow = this.#client
      .subscription(RunUpdatesDocument, { filter })
      .subscribe(({ data, error }) => {
        if (error || this.#live.liveError) this.#become({ liveError: error ?? null });
        if (!data) return;
        const { kind, run, deletedRunId } = data.runUpdates;
        this.#learn({ type: "told", kind, id: run?.id ?? deletedRunId ?? null });
        if (kind === "RESET") this.#later(() => (this.#live.error ? this.readMore() : this.#lookAhead()));
        // The first run of all moves nothing.
        if (kind === "ENTERED" && this.#live.list.shown.size === 0) this.refresh();
        // Before the list is there nobody has counted either.
        if (this.#live.list.asked) for (const listener of this.#toldListeners) listener();
      }).unsubscribe;
  }

  async #lookAhead(): Promise<void> {
    const { asked } = this.#live.list;
    if (!asked || !isNewestFirst(asked)) return;
    const { filter, orderBy } = asked;
    const variables = { filter, orderBy, first: PAGE_SIZE };
    // In the cache it would take the place of the first page, whose rows stay where they are.
    const { data } = await uncached.query(RunsAheadDocument, variables).toPromise();
    if (!data) return this.#later(() => this.#lookAhead());
    if (this.#live.list.asked !== asked) return;
    this.#learn({ type: "ahead", ids: data.runs.nodes.map(({ id }) => id) });
  }

  /** Not in the way of what somebody waits for; and a service that is back by its socket may not be by HTTP yet. */
  #later(run: () => void): void {
    const timer = setTimeout(() => {
      this.#again.delete(timer);
      run();
    }, LATER_MS);
    this.#again.add(timer);
  }

  #learn(news: News): void {
    const list = learn(this.#live.list, news);
    if (list !== this.#live.list) this.#become({ list });
  }

  #become(changed: Partial<Live>): void {
    this.#live = { ...this.#live, ...changed };
    for (const listener of this.#listeners) listener();
  }
}

const FRESH = { requestPolicy: "network-only" } as const;

function ask(filter: Filter): Asked {
  return {
    query: queryOf(filter),
    filter: apiFilter(filter, Date.now()),
    orderBy: apiOrder(filter.sort),
  };
}

function listening(listeners: Set<() => void>, listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
