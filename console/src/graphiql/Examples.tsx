import { useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { Kind, parse } from "graphql";
import { BookOpenText } from "lucide-react";
import css from "./Examples.module.css";
import { type Example, examples, takesRun } from "./examples.ts";

const LATEST_RUN = "{ runs(first: 1) { nodes { id } } }";

/** The list of examples beside the editor; each opens in a tab of its own. */
function Examples() {
  const { addTab, setOperationFacts } = useGraphiQLActions();
  const { fetcher, queryEditor, variableEditor } = useGraphiQL(
    ({ fetcher, queryEditor, variableEditor }) => ({
      fetcher,
      queryEditor,
      variableEditor,
    }),
  );

  async function open(example: Example) {
    const variables = takesRun(example) ? { run: await latestRun(fetcher) } : null;
    addTab();
    queryEditor?.setValue(example.document);
    variableEditor?.setValue(variables ? JSON.stringify(variables, null, 2) : "");
    // The editor finds out by itself, a little later than somebody may press its button.
    setOperationFacts(factsOf(example));
  }

  return (
    <section aria-label="Examples">
      <h2 className={css.title}>Examples</h2>
      <ul className={css.list}>
        {examples.map((example) => (
          <li key={example.title}>
            <button type="button" className={css.example} onClick={() => open(example)}>
              {example.title}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function factsOf({ document }: Example) {
  const documentAST = parse(document);
  const operations = documentAST.definitions.filter((each) => each.kind === Kind.OPERATION_DEFINITION);
  return { documentAST, operations, operationName: operations[0]?.name?.value };
}

type Ask = (params: { query: string }) => unknown;

/** The id of the run that began last; empty where there is none, or nobody may see it. */
async function latestRun(fetcher: unknown): Promise<string> {
  const answer = (await (fetcher as Ask)({ query: LATEST_RUN })) as {
    data?: { runs: { nodes: { id: string }[] } };
  };
  return answer.data?.runs.nodes[0]?.id ?? "";
}

export const examplesPlugin = {
  title: "Examples",
  icon: () => <BookOpenText aria-hidden strokeWidth={1.5} />,
  content: Examples,
};
