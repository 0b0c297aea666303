/** What a link into the list filters by: the names are those of runs/filter.ts. */
export interface RunsLink {
  agent?: string;
  cluster?: string;
  trigger?: string;
  by?: string;
  label?: string;
}

/** The path of the list of runs that match. */
export function runsPath(link: RunsLink): string {
  return `/runs?${new URLSearchParams(Object.entries(link))}`;
}
