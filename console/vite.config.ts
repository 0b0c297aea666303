import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/** Where the service finds what is built (server/console.py). */
const BUILT = "../server/static/console";

const TEXT = /\.(js|css|svg|json|wasm|map)$/;
/** Bytes below which compressing saves less than a packet. */
const WORTH_IT = 1024;

/** Puts `.br` and `.gz` beside each asset, so that nobody compresses while somebody waits. */
function compressed(): Plugin {
  const brotli = promisify(brotliCompress);
  const gzipped = promisify(gzip);
  return {
    name: "compressed",
    apply: "build",
    generateBundle: {
      order: "post",
      async handler(_, bundle) {
        const files = Object.values(bundle).filter((file) => TEXT.test(file.fileName));
        await Promise.all(
          files.map(async ({ fileName, ...file }) => {
            const source = Buffer.from("code" in file ? file.code : file.source);
            if (source.length < WORTH_IT) return;
            const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
            const emit = (ending: string, source: Uint8Array) =>
              this.emitFile({ type: "asset", fileName: fileName + ending, source });
            emit(".br", await brotli(source, { params }));
            emit(".gz", await gzipped(source, { level: constants.Z_BEST_COMPRESSION }));
          }),
        );
      },
    },
  };
}

export default defineConfig({
  // The service writes its own prefix into the shells; what scripts load they find beside themselves.
  base: "./",
  plugins: [react(), compressed()],
  build: {
    outDir: BUILT,
    emptyOutDir: true,
    // A policy without `data:` scripts and styles; and each file is kept for ever by its name.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: ["index.html", "graphiql.html"],
      // What GraphiQL tells React's compiler in its files, which was run already.
      onwarn: (warning, warn) => warning.code !== "MODULE_LEVEL_DIRECTIVE" && warn(warning),
    },
  },
  server: {
    host: "127.0.0.1",
    proxy: Object.fromEntries(
      ["/graphql", "/login", "/logout", "/reports"].map((path) => [
        path,
        { target: process.env.AGENT_RUNS_URL ?? "http://127.0.0.1:8000", ws: true, changeOrigin: true },
      ]),
    ),
  },
});
