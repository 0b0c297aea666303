import { Keyboard, LogOut } from "lucide-react";
import { useState } from "react";
import { useQuery } from "urql";
import { Link, useRoute } from "wouter";
import { serviceUrl } from "../api/prefix.ts";
import { Button } from "../parts/Button.tsx";
import { useShortcut } from "../parts/shortcuts.tsx";
import { word } from "../parts/words.ts";
import css from "./Header.module.css";
import { ShortcutsDialog } from "./ShortcutsDialog.tsx";
import { ThemeButton } from "./ThemeButton.tsx";
import { ViewerDocument } from "./viewer.gen.ts";

export function Header() {
  return (
    <header className={css.header}>
      <Link href="/runs" className={css.name}>
        Agent Runs
      </Link>
      <nav className={css.pages} aria-label="Pages">
        <Page href="/runs">Runs</Page>
        <Page href="/agents">Agents</Page>
        <Page href="/clusters">Clusters</Page>
        <a href={serviceUrl("/graphiql")}>GraphiQL</a>
      </nav>
      <div className={css.tools}>
        <Keys />
        <ThemeButton />
        <Viewer />
      </div>
    </header>
  );
}

function Page({ href, children }: { href: string; children: string }) {
  const [isHere] = useRoute(`${href}/*?`);
  return (
    <Link href={href} aria-current={isHere ? "page" : undefined}>
      {children}
    </Link>
  );
}

function Keys() {
  const [isOpen, setOpen] = useState(false);
  useShortcut(["[Shift]+?"], "Show the keys", () => setOpen(true));
  return (
    <>
      <Button look="plain" onClick={() => setOpen(true)} aria-label="Keys" title="Keys (?)">
        <Keyboard aria-hidden size={17} />
      </Button>
      <ShortcutsDialog isOpen={isOpen} onClose={() => setOpen(false)} />
    </>
  );
}

function Viewer() {
  const [{ data }] = useQuery({ query: ViewerDocument });
  if (!data) return null;
  const { name, role } = data.viewer;
  return (
    <a className={css.viewer} href={serviceUrl("/login")} title={`${word(role)}; log in or out`}>
      <span>{name}</span>
      <LogOut aria-hidden size={15} />
    </a>
  );
}
