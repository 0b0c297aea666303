// What is pushed of one run may come by two subscriptions, or by two processes one after the other: a push that is
// older than one seen before would take the normalised cache back, since that orders by arrival only.

/** Runs that are remembered: more than a page ever shows, a few hundred KB. */
const MAX_KNOWN = 10_000;

interface Pushed {
  runUpdates?: { run?: { id: string; revision?: number } | null } | null;
}

/** Tells of each push whether it is as new as all pushes of its run before it. Those of nothing with a revision are. */
export function newest(most = MAX_KNOWN): (data: unknown) => boolean {
  const revisions = new Map<string, number>();
  return (data) => {
    const run = (data as Pushed | null | undefined)?.runUpdates?.run;
    if (run?.revision === undefined) return true;
    if (run.revision < (revisions.get(run.id) ?? 0)) return false;
    // Behind the others: the one that was pushed longest ago is forgotten first.
    revisions.delete(run.id);
    revisions.set(run.id, run.revision);
    const [oldest] = revisions.keys();
    if (revisions.size > most && oldest !== undefined) revisions.delete(oldest);
    return true;
  };
}
