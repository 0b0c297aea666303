import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Provider } from "urql";
import { createApiClient } from "./api/client.ts";
import { App } from "./app/App.tsx";
import "./parts/theme.css";
import { applyTheme } from "./parts/theme.ts";

applyTheme();

const root = document.getElementById("app");
if (!root) throw new Error("index.html has no element #app");
createRoot(root).render(
  <StrictMode>
    <Provider value={createApiClient()}>
      <App />
    </Provider>
  </StrictMode>,
);
