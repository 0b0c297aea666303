import { Monitor, Moon, Sun } from "lucide-react";
import { useState } from "react";
import { Button } from "../parts/Button.tsx";
import { chooseTheme, chosenTheme, type Theme } from "../parts/theme.ts";

const NEXT: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };
const ICONS = { system: Monitor, light: Sun, dark: Moon };

/** As the system has it, light, dark, and around again. */
export function ThemeButton() {
  const [theme, setTheme] = useState(chosenTheme);
  const Icon = ICONS[theme];

  function change() {
    chooseTheme(NEXT[theme]);
    setTheme(NEXT[theme]);
  }

  const label = `Theme: ${theme}`;
  return (
    <Button look="plain" onClick={change} aria-label={label} title={label}>
      <Icon aria-hidden size={17} />
    </Button>
  );
}
