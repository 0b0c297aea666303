import { useSyncExternalStore } from "react";
import { connections } from "../api/socket.ts";
import css from "./ConnectionBanner.module.css";

/** Says while what is shown may be out of date, and that it comes back by itself. */
export function ConnectionBanner() {
  const connection = useSyncExternalStore(connections.listen, connections.current);
  return (
    <div role="status" className={css.place}>
      {connection === "lost" && (
        <p className={css.banner}>The connection is lost: what you see may be out of date. Reconnecting …</p>
      )}
    </div>
  );
}
