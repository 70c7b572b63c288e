import type pg from 'pg';

/** A node of a plan that was run, as PostgreSQL's JSON has it. */
interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Index Name'?: string;
  readonly 'Actual Total Time': number;
  readonly 'Actual Rows': number;
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
  readonly Plans?: readonly PlanNode[];
}

/** A statement that was run, maybe inside a function. */
export interface RunStatement {
  readonly sql: string;
  readonly ms: number;
  /** Found in memory or read. */
  readonly buffers: number;
  /** Its nodes from the top: type, and index where it reads one. */
  readonly nodes: readonly string[];
}

/** Has every plan of this session sent to it, those of statements inside functions too. */
export async function watchPlans(client: pg.Client): Promise<void> {
  await client.query("LOAD 'auto_explain'");
  await client.query(
    `SET auto_explain.log_min_duration = 0; SET auto_explain.log_nested_statements = on;
     SET auto_explain.log_analyze = on; SET auto_explain.log_buffers = on;
     SET auto_explain.log_format = json; SET client_min_messages = log`,
  );
}

/** Runs a statement on a watched session, and returns what ran: the inner ones, and at last itself. */
export async function runWatched(client: pg.Client, sql: string): Promise<RunStatement[]> {
  const statements: RunStatement[] = [];
  const listen = ({ message = '' }: { message?: string | undefined }) => {
    const [, json] = message.split(/ plan:\n/);
    if (json === undefined) return;
    const { 'Query Text': text, Plan: plan } = JSON.parse(json) as {
      'Query Text': string;
      Plan: PlanNode;
    };
    statements.push({
      sql: text,
      ms: plan['Actual Total Time'],
      buffers: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'],
      nodes: nodesOf(plan),
    });
  };
  client.on('notice', listen);
  await client.query(sql);
  client.off('notice', listen);
  return statements;
}

function nodesOf(node: PlanNode): string[] {
  const index = node['Index Name'];
  const own = index === undefined ? node['Node Type'] : `${node['Node Type']} (${index})`;
  return [own, ...(node.Plans ?? []).flatMap(nodesOf)];
}
