// Operations to begin with. Each runs as it stands: ids that it takes are filled in from what is there.

export interface Example {
  /** What it shows, as its first comment says it. */
  title: string;
  document: string;
}

const files = import.meta.glob<string>("./examples/*.graphql", {
  query: "?raw",
  import: "default",
  eager: true,
});

export const examples: readonly Example[] = Object.values(files).map((document) => ({
  title: /^# (.*?)[.:]/.exec(document)?.[1] ?? "",
  document,
}));

/** The variables that an example takes and has no default for. */
export function takesRun({ document }: Example): boolean {
  return document.includes("$run: ID!");
}
