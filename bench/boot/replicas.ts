import type { Bench } from '../bench.ts';
import { interleave } from '../rounds.ts';
import { emptyDatabase, getBoots } from './boots.ts';
import type { Boots } from './build-boots.ts';
import { once, runProcess, startApplication } from './host.ts';
import type { BootReply } from './process/tool.ts';
import {
  BARE,
  type BootTool,
  databaseOf,
  GRAPHILE_WORKER,
  isComplete,
  LOCKED_SCRIPT,
  MIGRATORS,
  NODE_PG_MIGRATE,
  NODE_PG_MIGRATE_WAIT,
  OURS,
  PG_BOSS,
  type Schema,
  versionsOf,
} from './tools.ts';

const STATES = ['empty', 'up to date'] as const;
export type DatabaseState = (typeof STATES)[number];

/** What becomes of processes that boot at one instant. */
export interface ReplicasSample {
  readonly failed: number;
  /** Whether the database has all that it should when the last of them is done. */
  readonly complete: boolean;
  /** Milliseconds until all are done: from the signal, when all have loaded their modules. */
  readonly ms: number;
  /** The same from the start of the first process, with loading, and with waiting for the others. */
  readonly msFromStart: number;
  /**
   * Milliseconds of CPU from the signal on, of the processes and the server together; none where the
   * system does not tell.
   */
  readonly cpuMs?: number | undefined;
}

export interface ReplicasFigures {
  readonly tool: string;
  readonly schema: Schema;
  readonly processes: number;
  readonly database: DatabaseState;
  /** One a round. */
  readonly samples: readonly ReplicasSample[];
  /** What the failures say, the most frequent first, and how many of all rounds say it. */
  readonly errors: readonly { readonly message: string; readonly count: number }[];
}

export interface ReplicasResult {
  readonly versions: Readonly<Record<string, string>>;
  readonly figures: readonly ReplicasFigures[];
}

const ALL = [
  BARE,
  OURS,
  LOCKED_SCRIPT,
  GRAPHILE_WORKER,
  PG_BOSS,
  NODE_PG_MIGRATE,
  NODE_PG_MIGRATE_WAIT,
  ...MIGRATORS,
];
/** Those that are quickest with twenty, and so the ones to compare with a hundred. */
const FAST = [BARE, OURS, LOCKED_SCRIPT, GRAPHILE_WORKER, PG_BOSS];

/** Many processes that boot at one instant, on an empty database and on one that is up to date. */
export async function measureReplicas(bench: Bench): Promise<ReplicasResult> {
  const { quick, say } = bench;
  const sizes = quick
    ? [{ processes: 3, tools: ALL, rounds: 1 }]
    : [
        { processes: 20, tools: ALL, rounds: 3 },
        { processes: 100, tools: FAST, rounds: 2 },
      ];
  const boots = await getBoots(bench);
  const upToDate = await installAll(bench, boots);
  const figures: ReplicasFigures[] = [];
  for (const { processes, tools, rounds } of sizes) {
    const cases = tools.flatMap((tool) =>
      STATES.map((database) => ({ tool, database, errors: new Map<string, number>() })),
    );
    const samples = await interleave(
      rounds,
      cases.map((one) => ({
        name: `${processes} × ${one.tool.name}, ${one.database}`,
        measure: () => {
          const { tool, database, errors } = one;
          const url = database === 'empty' ? undefined : upToDate.get(tool);
          return bootAtOnce(bench, boots, { tool, url, processes, errors });
        },
      })),
      (round, name, { failed, ms, cpuMs }) =>
        say(`round ${round}: ${name}: ${failed} failed, ${ms} ms, ${cpuMs} ms of CPU`),
    );
    for (const [index, { tool, database, errors }] of cases.entries()) {
      figures.push({
        tool: tool.name,
        schema: tool.schema,
        processes,
        database,
        samples: samples[index] ?? [],
        errors: [...errors]
          .map(([message, count]) => ({ message, count }))
          .sort((a, b) => b.count - a.count),
      });
    }
  }
  for (const tool of ALL) {
    await bench.server.dropDatabase(databaseOf(tool));
    await bench.server.dropDatabase(installedName(tool));
  }
  return { versions: versionsOf(ALL), figures };
}

/** A database for each tool that it has brought up to date. The bare client looks into one of ours. */
async function installAll(bench: Bench, boots: Boots): Promise<Map<BootTool, string>> {
  const urls = new Map<BootTool, string>();
  for (const tool of ALL) {
    const url = await emptyDatabase(bench, installedName(tool));
    await runProcess(once(boots, (tool === BARE ? OURS : tool).module, url), url);
    urls.set(tool, url);
  }
  return urls;
}

function installedName(tool: BootTool): string {
  return `${databaseOf(tool)}_installed`;
}

/** Boots as many processes at once, on an empty database where none is given. */
async function bootAtOnce(
  bench: Bench,
  boots: Boots,
  one: {
    readonly tool: BootTool;
    readonly url: string | undefined;
    readonly processes: number;
    readonly errors: Map<string, number>;
  },
): Promise<ReplicasSample> {
  const { tool, processes, errors } = one;
  const url = one.url ?? (await emptyDatabase(bench, databaseOf(tool)));
  const start = performance.now();
  const hosts = await Promise.all(
    Array.from({ length: processes }, () => startApplication(boots, tool.module)),
  );
  const signal = performance.now();
  let replies: BootReply[] = [];
  let end = signal;
  const server = await bench.server.costOf(async () => {
    replies = await Promise.all(hosts.map((host) => host.boot(url)));
    end = performance.now();
  });
  await Promise.all(hosts.map((host) => host.end()));
  const failures = replies.flatMap(({ error }) => error ?? []);
  for (const message of failures) errors.set(message, (errors.get(message) ?? 0) + 1);
  return {
    failed: failures.length,
    complete: tool === BARE || (await isComplete(url, tool)),
    ms: Math.round(end - signal),
    msFromStart: Math.round(end - start),
    cpuMs:
      server.cpuMs && Math.round(replies.reduce((sum, { cpuMs }) => sum + cpuMs, server.cpuMs)),
  };
}
