import { Clock, FoldVertical, Maximize2, Minimize2, UnfoldVertical, WrapText } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "../parts/Button.tsx";
import { useShortcut } from "../parts/shortcuts.tsx";
import css from "./LogToolbar.module.css";

interface Props {
  isWrapped: boolean;
  hasTimes: boolean;
  isFull: boolean;
  onWrap: () => void;
  onTimes: () => void;
  onFull: () => void;
  /** Absent where groups cannot be folded. */
  onFold?: (() => void) | undefined;
  onUnfold?: (() => void) | undefined;
}

const ICON = { "aria-hidden": true, size: 16 } as const;

/** How the lines are shown. */
export function LogToolbar(props: Props) {
  const { isWrapped, hasTimes, isFull, onWrap, onTimes, onFull, onFold, onUnfold } = props;
  useShortcut(["Shift+F"], "Full screen, and back", onFull);
  return (
    <div className={css.tools}>
      {onFold && onUnfold && <Folding onFold={onFold} onUnfold={onUnfold} />}
      <Tool label="Wrap long lines" isOn={isWrapped} onClick={onWrap}>
        <WrapText {...ICON} />
      </Tool>
      <Tool label="Show times" isOn={hasTimes} onClick={onTimes}>
        <Clock {...ICON} />
      </Tool>
      <Tool label="Full screen" isOn={isFull} onClick={onFull} keys="Shift+F">
        {isFull ? <Minimize2 {...ICON} /> : <Maximize2 {...ICON} />}
      </Tool>
    </div>
  );
}

function Folding({ onFold, onUnfold }: { onFold: () => void; onUnfold: () => void }) {
  useShortcut(["e"], "Expand all groups of the log", onUnfold);
  useShortcut(["w"], "Collapse all groups of the log", onFold);
  return (
    <>
      <Tool label="Collapse all groups" onClick={onFold} keys="W">
        <FoldVertical {...ICON} />
      </Tool>
      <Tool label="Expand all groups" onClick={onUnfold} keys="E">
        <UnfoldVertical {...ICON} />
      </Tool>
    </>
  );
}

interface ToolProps {
  label: string;
  keys?: string;
  isOn?: boolean;
  onClick: () => void;
  children: ReactNode;
}

function Tool({ label, keys, isOn, onClick, children }: ToolProps) {
  const title = keys ? `${label} (${keys})` : label;
  return (
    <Button look="plain" aria-label={label} title={title} aria-pressed={isOn} onClick={onClick}>
      {children}
    </Button>
  );
}
