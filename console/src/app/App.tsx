import { lazy, Suspense } from "react";
import { Redirect, Route, Router, Switch } from "wouter";
import { prefix } from "../api/prefix.ts";
import { Empty, Loading } from "../parts/Panel.tsx";
import { Toasts } from "../parts/toasts.tsx";
import { RunsPage } from "../runs/RunsPage.tsx";
import css from "./App.module.css";
import { Broken } from "./Broken.tsx";
import { ConnectionBanner } from "./ConnectionBanner.tsx";
import { Header } from "./Header.tsx";

const RunPage = lazy(() => import("../run/RunPage.tsx"));
const AgentsPage = lazy(() => import("../agents/AgentsPage.tsx"));
const ClustersPage = lazy(() => import("../agents/ClustersPage.tsx"));

export function App() {
  return (
    <Router base={prefix}>
      <Toasts>
        <a className={css.skip} href="#main">
          Skip to the content
        </a>
        <Header />
        <ConnectionBanner />
        <main id="main" className={css.main} tabIndex={-1}>
          <Broken>
            <Suspense fallback={<Loading what="the page" />}>
              <Pages />
            </Suspense>
          </Broken>
        </main>
      </Toasts>
    </Router>
  );
}

function Pages() {
  return (
    <Switch>
      <Route path="/runs" component={RunsPage} />
      <Route path="/runs/:id/:tab?">{({ id, tab }) => <RunPage key={id} id={id} tab={tab} />}</Route>
      <Route path="/agents" component={AgentsPage} />
      <Route path="/clusters" component={ClustersPage} />
      <Route path="/">
        <Redirect to="/runs" replace />
      </Route>
      <Route>
        <Empty title="There is nothing at this address">
          <a href={`${prefix}/runs`}>All runs</a>
        </Empty>
      </Route>
    </Switch>
  );
}
