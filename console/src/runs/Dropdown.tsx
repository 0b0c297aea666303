import { ChevronDown } from "lucide-react";
import { lazy, type ReactNode, type Ref, Suspense, useRef, useState } from "react";
import { Button } from "../parts/Button.tsx";

const load = () => import("./Popup.tsx");
const Popup = lazy(load);

interface Props {
  label: ReactNode;
  /** What the window that opens is called. */
  title: string;
  /** Its content, with how to close it. */
  children: (close: () => void) => ReactNode;
  isPressed?: boolean;
  className?: string;
  /** For a key that opens it. */
  ref?: Ref<HTMLButtonElement>;
}

/** A button that opens a small window below it. What the window is made of is loaded once somebody is about to. */
export function Dropdown({ label, title, children, isPressed, className, ref }: Props) {
  const [isOpen, setOpen] = useState(false);
  const [wasOpen, setWasOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);

  function toggle() {
    setOpen(!isOpen);
    setWasOpen(true);
  }

  return (
    <>
      <Button
        ref={(element) => {
          button.current = element;
          if (typeof ref === "function") ref(element);
          else if (ref) ref.current = element;
        }}
        className={className}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        data-pressed={isPressed || isOpen ? "" : undefined}
        onPointerEnter={load}
        onFocus={load}
        onClick={toggle}
      >
        {label}
        <ChevronDown aria-hidden size={14} />
      </Button>
      {wasOpen && (
        <Suspense fallback={null}>
          <Popup title={title} anchor={button} isOpen={isOpen} onClose={() => setOpen(false)}>
            {children(() => setOpen(false))}
          </Popup>
        </Suspense>
      )}
    </>
  );
}
