import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import { createRoot } from "react-dom/client";
import "../parts/theme.css";
import { applyTheme } from "../parts/theme.ts";
import { Explorer } from "./Explorer.tsx";

applyTheme();

const root = document.getElementById("graphiql");
if (!root) throw new Error("graphiql.html has no element #graphiql");
createRoot(root).render(<Explorer />);
