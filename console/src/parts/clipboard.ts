import { tell } from "./toasts.tsx";

/**
 * Puts a text on the clipboard, and tells whether it is there. Browsers have none for pages that came without
 * encryption, and people may forbid it: then a toast says so.
 */
export async function copyText(text: string, what: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    tell({ kind: "failed", title: `This browser did not let the page copy ${what}` });
    return false;
  }
}
