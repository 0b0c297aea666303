import { Popover } from "@base-ui/react/popover";
import type { ReactNode, RefObject } from "react";
import css from "./Popup.module.css";

interface Props {
  title: string;
  anchor: RefObject<HTMLElement | null>;
  isOpen: boolean;
  onClose: () => void;
  children: ReactNode;
}

/** A small window at a button; Escape and a press beside it close it, and the focus goes back to the button. */
export default function Popup({ title, anchor, isOpen, onClose, children }: Props) {
  return (
    <Popover.Root
      open={isOpen}
      onOpenChange={(open, { event }) => {
        // A press of the button closes it by itself.
        if (!open && !anchor.current?.contains(event.target as Node)) onClose();
      }}
    >
      <Popover.Portal>
        <Popover.Positioner anchor={anchor} sideOffset={6} align="start" className={css.positioner}>
          <Popover.Popup className={css.popup} finalFocus={anchor}>
            <Popover.Title className="unseen">{title}</Popover.Title>
            {children}
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
