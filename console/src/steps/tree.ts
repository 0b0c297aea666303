// Steps as the rows of a tree: parts below their step, each level in the order of first mention.
import type { TreeRow } from "../parts/treeKeys.ts";
import type { StepStory, Story } from "./story.ts";

export interface StepRow extends TreeRow, StepStory {}

/** The rows in view while the steps with keys in `closed` hide their parts. */
export function stepRows(story: Story, closed: ReadonlySet<string>): StepRow[] {
  const parts = partsOf(story);
  const rows: StepRow[] = [];
  const add = (each: StepStory, level: number) => {
    const { key } = each.step;
    const children = parts.get(key) ?? [];
    const isOpen = children.length > 0 ? !closed.has(key) : undefined;
    rows.push({ ...each, key, level, isOpen });
    if (isOpen) for (const child of children) add(child, level + 1);
  };
  for (const each of parts.get(null) ?? []) add(each, 1);
  return rows;
}

/** By the key of their parent, in the order of first mention; null for those at the top. */
function partsOf(story: Story): Map<string | null, StepStory[]> {
  const parts = new Map<string | null, StepStory[]>();
  for (const each of [...story.steps.values()].sort(
    (one, other) => one.step.position - other.step.position,
  )) {
    const parent = parentKey(story, each);
    const siblings = parts.get(parent);
    if (siblings) siblings.push(each);
    else parts.set(parent, [each]);
  }
  return parts;
}

/** Null where there is none, or where it was not told of yet. */
function parentKey(story: Story, { step }: StepStory): string | null {
  const key = step.parent?.key;
  return key !== undefined && story.steps.has(key) ? key : null;
}

/** The keys of all steps that have parts. */
export function parentKeys(story: Story): Set<string> {
  return new Set([...story.steps.values()].flatMap(({ step }) => step.parent?.key ?? []));
}

/** The steps that a step is a part of, the nearest first. */
export function ancestorKeys(story: Story, key: string): string[] {
  const parent = story.steps.get(key)?.step.parent?.key;
  return parent === undefined ? [] : [parent, ...ancestorKeys(story, parent)];
}
