import { Suspense } from "react";
import { type AroundNavHandler, Redirect, Route, Router, Switch } from "wouter";
import { prefix } from "../api/prefix.ts";
import { Empty, Loading } from "../parts/Panel.tsx";
import { Toasts } from "../parts/toasts.tsx";
import { RunsPage } from "../runs/RunsPage.tsx";
import css from "./App.module.css";
import { Broken } from "./Broken.tsx";
import { ConnectionBanner } from "./ConnectionBanner.tsx";
import { Header } from "./Header.tsx";
import { AgentsPage, ClustersPage, loadPage, RunPage } from "./pages.ts";

export function App() {
  return (
    <Router base={prefix} aroundNav={onceLoaded}>
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

let going = 0;

/** Stay where somebody is until the page is loaded that they go to, unless they go elsewhere meanwhile. */
const onceLoaded: AroundNavHandler = (navigate, to, options) => {
  const mine = ++going;
  const { href } = location;
  // Back and Forward do not come by here.
  const go = () => mine === going && href === location.href && navigate(to, options);
  const loading = loadPage(to.slice(prefix.length));
  // One that could not be loaded is tried again, and fails, where it is shown.
  if (loading) loading.then(go, go);
  else go();
};

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
