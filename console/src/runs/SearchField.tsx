import { Search } from "lucide-react";
import { useRef } from "react";
import { useShortcut } from "../parts/shortcuts.tsx";
import { useDraft } from "../parts/useDraft.ts";
import css from "./FilterBar.module.css";
import { MAX_SEARCH } from "./filter.ts";

/** Milliseconds without a key after which somebody has typed what they look for. */
const REST_MS = 300;

interface Props {
  search: string;
  onSearch: (search: string) => void;
}

/** Looks for runs while somebody types. */
export function SearchField({ search, onSearch }: Props) {
  const [typed, setTyped] = useDraft(search, REST_MS, onSearch);
  const field = useRef<HTMLInputElement>(null);
  useShortcut(["/", "$mod+k"], "Search", () => field.current?.select());

  return (
    <div className={css.search}>
      <Search aria-hidden size={15} />
      <input
        ref={field}
        type="search"
        aria-label="Search runs"
        placeholder="Agent, cluster, who triggered it, error or id"
        title="Search (/)"
        maxLength={MAX_SEARCH}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") event.currentTarget.blur();
        }}
      />
    </div>
  );
}
