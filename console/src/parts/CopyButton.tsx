import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "./Button.tsx";

/** Milliseconds that it says so. */
const SAID_MS = 2_000;

/** Copies a text, and says that it has. `what` completes "Copy …". */
export function CopyButton({ text, what }: { text: string | (() => string); what: string }) {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), SAID_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);

  async function copy() {
    await navigator.clipboard.writeText(typeof text === "string" ? text : text());
    setCopied(true);
  }

  const label = isCopied ? "Copied" : `Copy ${what}`;
  return (
    <Button look="plain" onClick={copy} aria-label={label} title={label}>
      {isCopied ? <Check aria-hidden size={15} /> : <Copy aria-hidden size={15} />}
    </Button>
  );
}
