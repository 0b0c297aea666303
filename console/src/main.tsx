import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Provider } from "urql";
import { createApiClient } from "./api/client.ts";
import { prefix } from "./api/prefix.ts";
import { App } from "./app/App.tsx";
import { loadPage } from "./app/pages.ts";
import "./parts/theme.css";
import { applyTheme } from "./parts/theme.ts";

applyTheme();

const root = document.getElementById("app");
if (!root) throw new Error("index.html has no element #app");
const app = createRoot(root);

function draw() {
  app.render(
    <StrictMode>
      <Provider value={createApiClient()}>
        <App />
      </Provider>
    </StrictMode>,
  );
}

const loading = loadPage(location.pathname.slice(prefix.length));
if (loading) loading.then(draw, draw);
else draw();
