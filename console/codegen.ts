// The types of the API and of our operations, written beside each *.graphql file. They are built, never committed.
import type { CodegenConfig } from "@graphql-codegen/cli";

const config: CodegenConfig = {
  schema: "../schema.graphql",
  documents: ["src/**/*.graphql", "!src/graphiql/examples/**"],
  config: {
    enumsAsTypes: true,
    strictScalars: true,
    useTypeImports: true,
    skipTypename: false,
    scalars: {
      DateTime: "string",
      ID: "string",
      // Its text, digit for digit: src/api/exact.ts.
      JSON: { input: "unknown", output: "string" },
    },
  },
  generates: {
    "src/api/schema.gen.ts": { plugins: ["typescript"] },
    "src/": {
      preset: "near-operation-file",
      presetConfig: {
        extension: ".gen.ts",
        baseTypesPath: "api/schema.gen.ts",
        importTypesNamespace: "Types",
      },
      plugins: ["typescript-operations", "typed-document-node"],
      config: { optimizeDocumentNode: true },
    },
  },
};

export default config;
