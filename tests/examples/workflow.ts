import { join } from 'node:path';
import { build } from 'esbuild';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { programOf } from '../support/tools.ts';

/** GitHub's own parser of workflows, as far as it is used here. */
interface WorkflowParser {
  readonly NoOperationTraceWriter: new () => object;
  parseWorkflow(
    file: { readonly name: string; readonly content: string },
    trace: object,
  ): {
    readonly context: { readonly errors: { getErrors(): readonly { readonly message: string }[] } };
    readonly value?: object;
  };
  convertWorkflowTemplate(
    context: object,
    root: object,
  ): Promise<{ readonly errors?: readonly { readonly Message: string }[] }>;
}

let parser: Promise<WorkflowParser> | undefined;

/** What GitHub would object to in a workflow. */
export async function workflowErrors(name: string, content: string): Promise<string[]> {
  parser ??= loadParser();
  const { NoOperationTraceWriter, parseWorkflow, convertWorkflowTemplate } = await parser;
  const { context, value } = parseWorkflow({ name, content }, new NoOperationTraceWriter());
  const errors = context.errors.getErrors().map(({ message }) => message);
  if (errors.length > 0 || value === undefined) return errors;
  const { errors: others = [] } = await convertWorkflowTemplate(context, value);
  return others.map(({ Message }) => Message);
}

/** Bundled first: it imports JSON without saying so, which Node refuses. */
async function loadParser(): Promise<WorkflowParser> {
  const outfile = join(temporaryFolder(), 'parser.mjs');
  await build({
    entryPoints: [programOf('@actions/workflow-parser')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    logLevel: 'silent',
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
  return import(outfile);
}
