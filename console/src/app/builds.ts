// Parts of the app are loaded when they are needed. In a page that was opened before an update of the service, they may
// be gone by then: their names are of the build before.
import { serviceUrl } from "../api/prefix.ts";

/** Milliseconds after which a page may load itself anew: one that fails at once would do nothing else for ever. */
const SETTLED_MS = 10_000;

const missing = new WeakSet<Error>();
addEventListener("vite:preloadError", ({ payload }) => missing.add(payload));

/** Whether an error is that a part could not be loaded. */
export function isOfMissingPart(error: Error): boolean {
  return missing.has(error);
}

/** Loads the page anew where the service has another build by now. */
export async function reloadIfOutdated(): Promise<void> {
  const own = document.querySelector('script[type="module"]')?.getAttribute("src");
  if (!own || performance.now() < SETTLED_MS) return;
  try {
    const shell = await fetch(serviceUrl("/runs"), { cache: "no-store" });
    if (shell.ok && !(await shell.text()).includes(own)) location.reload();
  } catch {
    // Not to be reached now: whoever looks at the page decides.
  }
}
