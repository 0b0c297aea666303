import { type ComponentType, lazy } from "react";

interface Module<Props> {
  default: ComponentType<Props>;
}

/**
 * A component in a file of its own, which is loaded when it is first drawn, or ahead of that by `load`.
 *
 * React shows what it put in a component's place for 300 ms at least, however soon the component is there. One that was
 * loaded ahead is drawn at once: what `lazy` is given then answers while it is asked.
 */
export function lazily<Props>(read: () => Promise<Module<Props>>) {
  let module: Module<Props> | undefined;

  async function load(): Promise<Module<Props>> {
    module ??= await read();
    return module;
  }

  const atOnce = (loaded: Module<Props>) =>
    // biome-ignore lint/suspicious/noThenProperty: a promise would answer a moment later
    ({ then: (resolve: (module: Module<Props>) => void) => resolve(loaded) }) as Promise<Module<Props>>;

  return Object.assign(
    lazy(() => (module ? atOnce(module) : load())),
    { load, isLoaded: () => module !== undefined },
  );
}
