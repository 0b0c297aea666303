// The list as somebody looks at it. Runs stay where they were read: what left the filter or was deleted is marked,
// and what came since waits, until the list is read anew. What a run looks like stands in the normalised cache.
import type { RunFilter, RunOrder, RunUpdateKind } from "../api/schema.gen.ts";

/** What the list was read by. Each reading is an object of its own. */
export interface Asked {
  /** The address's. */
  query: string;
  filter: RunFilter;
  orderBy: RunOrder;
}

export interface ListPage {
  /** The cursor that it lies behind; null for the first one. */
  after: string | null;
  ids: readonly string[];
  /** How many runs stand before it. */
  offset: number;
  /** The list's, as of when it is known how its runs are. */
  epoch: number;
}

export type Absence = "left" | "deleted";

export interface List {
  /** Null until the first page is there. */
  asked: Asked | null;
  pages: readonly ListPage[];
  shown: ReadonlySet<string>;
  /** Behind which more are to be read; null at the end. */
  next: string | null;
  waiting: ReadonlySet<string>;
  absent: ReadonlyMap<string, Absence>;
  /** Whether the viewer may cancel or delete any of the runs. */
  canAct: boolean;
  /** Grows each time that whatever was known is out of date. */
  epoch: number;
}

export const NOTHING: List = {
  asked: null,
  pages: [],
  shown: new Set(),
  next: null,
  waiting: new Set(),
  absent: new Map(),
  canAct: false,
  epoch: 0,
};

export type News =
  | { type: "asked" }
  | {
      type: "read";
      asked: Asked;
      after: string | null;
      ids: readonly string[];
      next: string | null;
      epoch: number;
      canAct: boolean;
    }
  | { type: "restored"; list: List }
  | { type: "told"; kind: RunUpdateKind; id: string | null }
  | {
      type: "checked";
      page: ListPage;
      epoch: number;
      /** What was known to be absent when it was asked for. */
      since: List["absent"];
      matching: ReadonlySet<string>;
      there: ReadonlySet<string>;
    }
  | { type: "ahead"; ids: readonly string[] };

/** Runs that are counted one by one; beyond them it is "more than". */
export const MAX_WAITING = 1_000;

export function learn(list: List, news: News): List {
  switch (news.type) {
    case "asked":
      return list.waiting.size === 0 ? list : { ...list, waiting: new Set() };
    case "read":
      return news.after === null ? begun(list, news) : continued(list, news);
    case "restored":
      // Whatever happened meanwhile was not told.
      return { ...news.list, epoch: news.list.epoch + 1 };
    case "told":
      return news.kind === "RESET" ? { ...list, epoch: list.epoch + 1 } : told(list, news.kind, news.id);
    case "checked":
      return checked(list, news);
    case "ahead":
      return news.ids.reduce((known, id) => (known.shown.has(id) ? known : wait(known, id)), list);
  }
}

type Read = Extract<News, { type: "read" }>;

function begun(list: List, { asked, after, ids, next, epoch, canAct }: Read): List {
  return {
    asked,
    pages: [{ after, ids, offset: 0, epoch }],
    shown: new Set(ids),
    next,
    waiting: new Set([...list.waiting].filter((id) => !ids.includes(id))),
    absent: new Map(),
    canAct,
    epoch: list.epoch,
  };
}

function continued(list: List, { asked, after, ids, next, epoch, canAct }: Read): List {
  if (list.asked !== asked || list.next !== after) return list;
  // A run whose place in the order changed since may come a second time.
  const unknown = ids.filter((id) => !list.shown.has(id));
  const page = { after, ids: unknown, offset: rowCount(list), epoch };
  return {
    ...list,
    pages: [...list.pages, page],
    shown: new Set([...list.shown, ...unknown]),
    next,
    canAct: list.canAct || canAct,
    waiting: new Set([...list.waiting].filter((id) => !unknown.includes(id))),
  };
}

function told(list: List, kind: RunUpdateKind, id: string | null): List {
  if (!id) return list;
  if (!list.shown.has(id)) return kind === "ENTERED" ? entered(list, id) : forget(list, id, kind);
  if (kind === "ENTERED" || kind === "CHANGED") return marked(list, id, null);
  return marked(list, id, kind === "DELETED" ? "deleted" : "left");
}

function entered(list: List, id: string): List {
  // What begins now stands at the end of some orders: there it comes by scrolling.
  const isStillToCome = list.asked && !isNewestFirst(list.asked) && list.next !== null;
  return isStillToCome ? list : wait(list, id);
}

function wait(list: List, id: string): List {
  if (list.waiting.has(id) || list.waiting.size >= MAX_WAITING) return list;
  return { ...list, waiting: new Set(list.waiting).add(id) };
}

function forget(list: List, id: string, kind: RunUpdateKind): List {
  if (kind === "CHANGED" || !list.waiting.has(id)) return list;
  return { ...list, waiting: new Set([...list.waiting].filter((each) => each !== id)) };
}

function marked(list: List, id: string, absence: Absence | null): List {
  if ((list.absent.get(id) ?? null) === absence) return list;
  const absent = new Map(list.absent);
  if (absence) absent.set(id, absence);
  else absent.delete(id);
  return { ...list, absent };
}

function checked(list: List, news: Extract<News, { type: "checked" }>): List {
  const { page, epoch, since, matching, there } = news;
  const known = list.pages.find(({ after, ids }) => after === page.after && ids === page.ids);
  if (!known) return list;
  const absence = (id: string) => {
    const told = list.absent.get(id);
    // What was told meanwhile is newer than the answer: they do not come by the same way.
    if (told !== since.get(id)) return told ?? null;
    return there.has(id) ? (matching.has(id) ? null : "left") : "deleted";
  };
  const current = page.ids.reduce((each, id) => marked(each, id, absence(id)), list);
  return { ...current, pages: current.pages.map((each) => (each === known ? { ...each, epoch } : each)) };
}

/** How many runs stand in the list. */
export function rowCount(list: List): number {
  const last = list.pages.at(-1);
  return last ? last.offset + last.ids.length : 0;
}

/** The id of the run that stands at an index. */
export function idAt(list: List, index: number): string | undefined {
  const page = list.pages.findLast(({ offset }) => offset <= index);
  return page?.ids[index - page.offset];
}

/** Whether what begins now stands at the beginning of the list. */
export function isNewestFirst({ orderBy }: Asked): boolean {
  return orderBy.direction === "DESC";
}
