import { HISTORY_PLUGIN } from "@graphiql/plugin-history";
import { GraphiQL } from "graphiql";
import { useMemo, useState } from "react";
import { chosenTheme } from "../parts/theme.ts";
import { examplesPlugin } from "./Examples.tsx";
import css from "./Explorer.module.css";
import { examples } from "./examples.ts";
import { createFetcher } from "./fetcher.ts";
import { TokenBar } from "./TokenBar.tsx";
import { keepToken, keptToken } from "./token.ts";

const PLUGINS = [examplesPlugin, HISTORY_PLUGIN];

/** GraphiQL with a token; another token is another viewer, for whom all is asked anew. */
export function Explorer() {
  const [token, setToken] = useState(keptToken);
  const fetcher = useMemo(() => createFetcher(token), [token]);
  const theme = chosenTheme();
  const hasRoom = matchMedia("(min-width: 60rem)").matches;

  function use(next: string) {
    keepToken(next);
    setToken(next);
  }

  return (
    <div className={css.page}>
      <TokenBar fetcher={fetcher} hasToken={token !== ""} onUse={use} />
      <GraphiQL
        key={token}
        fetcher={fetcher}
        plugins={PLUGINS}
        visiblePlugin={hasRoom ? examplesPlugin : undefined}
        defaultQuery={examples[0]?.document}
        forcedTheme={theme === "system" ? undefined : theme}
        isHeadersEditorEnabled={false}
      />
    </div>
  );
}
