import { Check, Copy, Link } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "./Button.tsx";
import { copyText } from "./clipboard.ts";

/** Milliseconds that it says so. */
const SAID_MS = 2_000;
const ICONS = { value: Copy, path: Link };

interface Props {
  text: string | (() => string);
  /** Completes "Copy …". */
  what: string;
  /** An address or a path looks other than what stands there. */
  kind?: "value" | "path";
  /** False where Tab passes it over: one of many rows, of which only the active one's is reached. */
  isReached?: boolean;
}

/** Copies a text, and says that it has. */
export function CopyButton({ text, what, kind = "value", isReached = true }: Props) {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), SAID_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);

  async function copy() {
    setCopied(await copyText(typeof text === "string" ? text : text(), what));
  }

  const label = isCopied ? "Copied" : `Copy ${what}`;
  const Icon = isCopied ? Check : ICONS[kind];
  return (
    <Button look="plain" onClick={copy} aria-label={label} title={label} tabIndex={isReached ? 0 : -1}>
      <Icon aria-hidden size={15} />
    </Button>
  );
}
