import { Component, type ReactNode } from "react";
import { useLocation } from "wouter";
import { Button } from "../parts/Button.tsx";
import { Empty } from "../parts/Panel.tsx";
import { isOfMissingPart, reloadIfOutdated } from "./builds.ts";

/** A defect of ours takes down its page, and says so, instead of leaving a white one. Other pages go on. */
export function Broken({ children }: { children: ReactNode }) {
  const [path] = useLocation();
  return <Boundary path={path}>{children}</Boundary>;
}

interface Props {
  path: string;
  children: ReactNode;
}

class Boundary extends Component<Props, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override componentDidCatch(error: Error) {
    if (isOfMissingPart(error)) void reloadIfOutdated();
  }

  override componentDidUpdate({ path }: Props) {
    if (this.state.error && path !== this.props.path) this.setState({ error: null });
  }

  override render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    const isMissing = isOfMissingPart(error);
    return (
      <Empty title={isMissing ? "A part of this page could not be loaded" : "This page broke"}>
        <p>
          {isMissing
            ? "The connection may be lost, or the service was updated since the page was opened."
            : error.message}
        </p>
        <Button onClick={() => location.reload()}>Load it anew</Button>
      </Empty>
    );
  }
}
