// The pages that are files of their own, and are loaded when somebody goes there.
import { lazily } from "../parts/lazily.ts";

export const RunPage = lazily(() => import("../run/RunPage.tsx"));
export const AgentsPage = lazily(() => import("../agents/AgentsPage.tsx"));
export const ClustersPage = lazily(() => import("../agents/ClustersPage.tsx"));

const BY_PATH = [
  ["/runs/", RunPage],
  ["/agents", AgentsPage],
  ["/clusters", ClustersPage],
] as const;

/** Loads what stands at a path, below the prefix; null where all of it is there. Fails like an import. */
export function loadPage(path: string): Promise<unknown> | null {
  const [, page] = BY_PATH.find(([start]) => path.startsWith(start)) ?? [];
  return !page || page.isLoaded() ? null : page.load();
}
