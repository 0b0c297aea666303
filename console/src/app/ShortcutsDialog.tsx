import { Dialog } from "../parts/Dialog.tsx";
import { useShortcuts } from "../parts/shortcuts.tsx";
import css from "./ShortcutsDialog.module.css";

/** The keys that do something on the page behind it. */
export function ShortcutsDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const shortcuts = useShortcuts();
  return (
    <Dialog title="Keys" isOpen={isOpen} onClose={onClose}>
      <dl className={css.list}>
        {shortcuts.map(({ keys, does }) => (
          <div key={does}>
            <dt>{does}</dt>
            <dd>
              {shown(keys).map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
      <p className="quiet">None of them while you type.</p>
    </Dialog>
  );
}

/** As they stand on a keyboard; what is optional is left out. */
function shown(keys: readonly string[]): string[] {
  const mod = navigator.platform.startsWith("Mac") ? "⌘" : "Ctrl";
  return keys.map((key) => key.replace(/\[\w+\]\+/g, "").replace("$mod", mod));
}
