import type { Bench } from '../bench.ts';
import { interleave, median } from '../rounds.ts';
import { emptyDatabase, getBoots } from './boots.ts';
import type { Boots } from './build-boots.ts';
import { startDelayProxy } from './delay-proxy.ts';
import { type Host, once, runProcess, startApplication } from './host.ts';
import {
  type BootTool,
  databaseOf,
  GRAPHILE_WORKER,
  isComplete,
  MIGRATORS,
  NODE_PG_MIGRATE,
  OURS,
  OURS_WITHOUT_PIPELINE,
  PG_BOSS,
  SCRIPT,
  type Schema,
  versionsOf,
} from './tools.ts';

/** How long it takes from an empty database to a complete one, in milliseconds; one value a round. */
export interface InstallFigures {
  readonly tool: string;
  readonly schema: Schema;
  /** A call in a process that has made one. */
  readonly warm: readonly number[];
  /** The same over the network. */
  readonly remote: readonly number[];
  /** From the start of a process to its end. */
  readonly process: readonly number[];
  /** As the log counts them: several in one message are one. */
  readonly statements: number;
}

export interface InstallResult {
  readonly roundTripMs: number;
  readonly migrations: number;
  readonly versions: Readonly<Record<string, string>>;
  /** The first is what all others are compared with. */
  readonly figures: readonly InstallFigures[];
}

/** Installs into the empty database at the URL, and returns how many milliseconds that took. */
type Install = (tool: BootTool, url: string) => Promise<number>;

const TOOLS: readonly BootTool[] = [
  SCRIPT,
  OURS,
  OURS_WITHOUT_PIPELINE,
  NODE_PG_MIGRATE,
  ...MIGRATORS,
  GRAPHILE_WORKER,
  PG_BOSS,
];

/** What a first boot costs, beside the same SQL as one script. */
export async function measureFirstInstall(bench: Bench): Promise<InstallResult> {
  const { quick } = bench;
  const roundTripMs = quick ? 2 : 20;
  const boots = await getBoots(bench);
  const hosts = new Map<BootTool, Host>();
  for (const tool of TOOLS) hosts.set(tool, await startApplication(boots, tool.module));
  const call = async (tool: BootTool, url: string) => {
    const reply = await hosts.get(tool)?.boot(url);
    if (reply === undefined || reply.error !== undefined) {
      throw new Error(`${tool.name} has failed: ${reply?.error}`);
    }
    return reply.ms;
  };
  if (!quick) await rounds(bench, 'warm-up', 1, call);
  const warm = await rounds(bench, 'warm', quick ? 1 : 11, call);
  const proxy = await startDelayProxy(await emptyDatabase(bench, databaseOf(SCRIPT)), roundTripMs);
  const remote = await rounds(bench, 'remote', quick ? 1 : 3, (tool, url) =>
    call(tool, proxy.through(url)),
  );
  await proxy.stop();
  const start = (tool: BootTool, url: string) => runProcess(once(boots, tool.module, url), url);
  const processes = await rounds(bench, 'new process', quick ? 1 : 5, start);
  const figures: InstallFigures[] = [];
  for (const [index, tool] of TOOLS.entries()) {
    figures.push({
      tool: tool.name,
      schema: tool.schema,
      warm: warm[index] ?? [],
      remote: remote[index] ?? [],
      process: processes[index] ?? [],
      statements: await countStatements(bench, boots, tool),
    });
    await hosts.get(tool)?.end();
    await bench.server.dropDatabase(databaseOf(tool));
  }
  return {
    roundTripMs,
    migrations: boots.migrations,
    versions: versionsOf(TOOLS),
    figures,
  };
}

async function rounds(
  bench: Bench,
  setting: string,
  count: number,
  install: Install,
): Promise<number[][]> {
  const contestants = TOOLS.map((tool) => ({
    name: tool.name,
    measure: async () => {
      const url = await emptyDatabase(bench, databaseOf(tool));
      const ms = await install(tool, url);
      if (!(await isComplete(url, tool))) throw new Error(`${tool.name} has left something out.`);
      return ms;
    },
  }));
  const samples = await interleave(count, contestants, () => {});
  for (const [index, { name }] of contestants.entries()) {
    bench.say(`${setting}: ${name}: ${Math.round(median(samples[index] ?? []))} ms`);
  }
  return samples.map((own) => own.map((ms) => Number(ms.toFixed(1))));
}

async function countStatements(bench: Bench, boots: Boots, tool: BootTool): Promise<number> {
  const name = databaseOf(tool);
  const url = await emptyDatabase(bench, name);
  return bench.server.statementsIn(name, () => runProcess(once(boots, tool.module, url), url));
}
