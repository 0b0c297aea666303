/** A copy of the set in which these are, or are not. */
export function changed<T>(set: ReadonlySet<T>, items: Iterable<T>, areIn: boolean): ReadonlySet<T> {
  const next = new Set(set);
  for (const item of items) {
    if (areIn) next.add(item);
    else next.delete(item);
  }
  return next;
}
