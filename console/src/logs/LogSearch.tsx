import { ChevronDown, ChevronUp, ListFilter, Search } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { CombinedError } from "urql";
import { sentenceOf } from "../api/errors.ts";
import { Button } from "../parts/Button.tsx";
import { useShortcut } from "../parts/shortcuts.tsx";
import { useDraft } from "../parts/useDraft.ts";
import { type LogAddress, MAX_TEXT } from "./address.ts";
import css from "./LogToolbar.module.css";

/** Milliseconds after the last key until the service is asked. */
const TYPED_MS = 250;

interface Props {
  address: LogAddress;
  change: (change: Partial<LogAddress>, isTyped?: boolean) => void;
  /** Go to the next line that holds the text, or the one before; false where there is none. */
  step: (direction: 1 | -1) => Promise<boolean>;
}

/**
 * One field for both: the service looks through all lines, and what is shown is marked. `Only matches` says whether
 * the other lines are shown too.
 */
export function LogSearch({ address, change, step }: Props) {
  const { text, isOnlyMatches } = address;
  const field = useRef<HTMLInputElement>(null);
  const [draft, setDraft] = useDraft(text, TYPED_MS, (typed) => change({ text: typed }, true));
  const { said, go } = useSteps(step, text);

  useShortcut(["/", "$mod+k"], "Search the log", () => field.current?.select());
  useShortcut(["n"], "Next match", () => text && go(1));
  useShortcut(["Shift+N"], "Previous match", () => text && go(-1));

  function press(event: KeyboardEvent) {
    if (event.key !== "Enter") return;
    event.preventDefault();
    if (draft === text && text) go(event.shiftKey ? -1 : 1);
    else change({ text: draft }, true);
  }

  return (
    <search className={css.search}>
      <span className={css.field}>
        <Search aria-hidden size={15} />
        <input
          ref={field}
          type="search"
          aria-label="Search all lines"
          placeholder="Search all lines"
          title="The text as it stands, whatever its case (/)"
          maxLength={MAX_TEXT}
          value={draft}
          onChange={(event) => setDraft(event.target.value)}
          onKeyDown={press}
        />
      </span>
      {text && (
        <>
          <Button
            look="plain"
            aria-pressed={isOnlyMatches}
            title={isOnlyMatches ? "Show all lines, with matches marked" : "Show only the lines that match"}
            onClick={() => change({ isOnlyMatches: !isOnlyMatches })}
          >
            <ListFilter aria-hidden size={15} />
            Only matches
          </Button>
          <Button
            look="plain"
            aria-label="Previous match"
            title="Previous match (Shift+N)"
            onClick={() => go(-1)}
          >
            <ChevronUp aria-hidden size={16} />
          </Button>
          <Button look="plain" aria-label="Next match" title="Next match (N)" onClick={() => go(1)}>
            <ChevronDown aria-hidden size={16} />
          </Button>
        </>
      )}
      <span role="status" className={css.said}>
        {said}
      </span>
    </search>
  );
}

/** Steps from match to match, and what to say of the last one. */
function useSteps(step: Props["step"], text: string) {
  const [said, say] = useState("");
  // Each begins where the one before it came to.
  const taken = useRef(Promise.resolve());
  // biome-ignore lint/correctness/useExhaustiveDependencies: it was said of another text
  useEffect(() => say(""), [text]);

  async function take(direction: 1 | -1) {
    say("Searching …");
    try {
      const has = await step(direction);
      say(has ? "" : `No match ${direction > 0 ? "below" : "above"}`);
    } catch (error) {
      say(error instanceof CombinedError ? sentenceOf(error) : "The run was deleted.");
    }
  }

  function go(direction: 1 | -1) {
    taken.current = taken.current.then(() => take(direction));
  }
  return { said, go };
}
