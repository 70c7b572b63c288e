import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../bench.ts';
import { PEERS_FOLDER } from '../peers.ts';
import { type Contestant, interleave, median } from '../rounds.ts';
import { getBoots } from './boots.ts';
import type { Boots } from './build-boots.ts';
import { type DelayProxy, startDelayProxy } from './delay-proxy.ts';
import { type Host, once, runProcess, startApplication } from './host.ts';
import {
  BARE,
  BARE_LEFT,
  type BootTool,
  databaseOf,
  GRAPHILE_WORKER,
  isComplete,
  MIGRATORS,
  NODE_PG_MIGRATE,
  OURS,
  PG_BOSS,
  versionsOf,
} from './tools.ts';

/** How long a boot takes, in milliseconds; one value a round each. */
export interface NoopFigures {
  readonly tool: string;
  /** From the start of a process to its end. */
  readonly process: readonly number[];
  /** A call in a process that has made some; none for a command line. */
  readonly warm: readonly number[];
  /** The same over the network. */
  readonly remote: readonly number[];
  readonly statements: number;
}

export interface NoopResult {
  readonly roundTripMs: number;
  /** Between the end of a call and the next one. */
  readonly settleMs: number;
  readonly migrations: number;
  readonly versions: Readonly<Record<string, string>>;
  /** The first is what all others are compared with; the second is the same client, and does not wait at the end. */
  readonly figures: readonly NoopFigures[];
}

/** A way to boot: in a process that has loaded the tool, or only from a command line. */
interface Way {
  readonly name: string;
  /** What Node is to run. */
  readonly args: readonly string[];
  readonly url: string;
  readonly tool: BootTool | undefined;
}

/** They look into our database. */
const BARES: readonly BootTool[] = [BARE, BARE_LEFT];
const TOOLS = [...BARES, OURS, GRAPHILE_WORKER, PG_BOSS, NODE_PG_MIGRATE, ...MIGRATORS];

/** Before each call: a connection that was left to close is not to end within the next one's time. */
const SETTLE_MS = 50;

/** What a boot costs when the schema is up to date. */
export async function measureNoopBoot(bench: Bench): Promise<NoopResult> {
  const { server, quick } = bench;
  const roundTripMs = quick ? 2 : 20;
  const boots = await getBoots(bench);
  const ways = await prepare(bench, boots);
  const inProcess = ways.flatMap(({ name, url, tool }) => (tool ? [{ name, url, tool }] : []));
  const [first] = inProcess;
  if (first === undefined) throw new Error('nothing to boot');

  const processes = await rounds(
    bench,
    'new process',
    quick ? 1 : 15,
    ways.map(({ name, args, url }) => ({ name, measure: () => runProcess(args, url) })),
  );
  const hosts = await Promise.all(
    inProcess.map(async ({ name, url, tool }) => ({
      name,
      url,
      host: await startApplication(boots, tool.module),
    })),
  );
  const calls = (address: (url: string) => string) =>
    hosts.map(({ name, url, host }) => ({
      name,
      measure: async () => {
        await sleep(SETTLE_MS);
        return bootOn(host, address(url));
      },
    }));
  const warmUp = quick ? 1 : 5;
  for (let call = 0; call < warmUp; call += 1) {
    for (const { measure } of calls((url) => url)) await measure();
  }
  const warm = await rounds(
    bench,
    'warm',
    quick ? 3 : 101,
    calls((url) => url),
  );
  const proxy: DelayProxy = await startDelayProxy(first.url, roundTripMs);
  const remote = await rounds(bench, 'remote', quick ? 1 : 11, calls(proxy.through));
  await proxy.stop();
  for (const { host } of hosts) await host.end();

  const figures: NoopFigures[] = [];
  for (const [index, { name, args, url }] of ways.entries()) {
    const place = inProcess.findIndex((one) => one.name === name);
    figures.push({
      tool: name,
      process: processes[index] ?? [],
      warm: warm[place] ?? [],
      remote: remote[place] ?? [],
      statements: await server.statementsIn(new URL(url).pathname.slice(1), () =>
        runProcess(args, url),
      ),
    });
  }
  for (const tool of TOOLS) if (!BARES.includes(tool)) await server.dropDatabase(databaseOf(tool));
  return {
    roundTripMs,
    settleMs: SETTLE_MS,
    migrations: boots.migrations,
    versions: versionsOf(TOOLS),
    figures,
  };
}

/** Brings a database of its own up to date with each tool; the bare clients look into ours. */
async function prepare({ server }: Bench, boots: Boots): Promise<Way[]> {
  const ways: Way[] = [];
  for (const tool of TOOLS) {
    if (BARES.includes(tool)) continue;
    const url = await server.createEmptyDatabase(databaseOf(tool));
    await runProcess(once(boots, tool.module, url), url);
    if (!(await isComplete(url, tool))) throw new Error(`${tool.name} has left something out.`);
    const way = { name: tool.name, args: once(boots, tool.module, url), url, tool };
    if (tool === OURS) {
      for (const bare of BARES) {
        ways.push({ name: bare.name, args: once(boots, bare.module, url), url, tool: bare });
      }
    }
    ways.push(way);
    const cli = commandLineOf(tool, boots);
    if (cli) ways.push({ name: `${tool.name}, CLI`, args: cli, url, tool: undefined });
  }
  return ways;
}

function commandLineOf(tool: BootTool, { folder }: Boots): string[] | undefined {
  const ours = join(folder, 'node_modules', 'conversion-tracking-schema', 'dist');
  if (tool === OURS) return [join(ours, 'src', 'cli', 'main.js'), 'up'];
  if (tool !== NODE_PG_MIGRATE) return undefined;
  return [
    join(PEERS_FOLDER, 'node_modules', 'node-pg-migrate', 'bin', 'node-pg-migrate.js'),
    'up',
    ...['--migrations-dir', join(ours, 'migrations')],
    ...['--migrations-table', 'tracking_migrations'],
  ];
}

async function bootOn(host: Host, url: string): Promise<number> {
  const { ms, error } = await host.boot(url);
  if (error !== undefined) throw new Error(`A boot has failed: ${error}`);
  return ms;
}

/** Times in hundredths of a millisecond. */
async function rounds(
  { say }: Bench,
  setting: string,
  count: number,
  contestants: readonly Contestant<number>[],
): Promise<number[][]> {
  const samples = await interleave(count, contestants, () => {});
  for (const [index, { name }] of contestants.entries()) {
    say(`${setting}: ${name}: ${median(samples[index] ?? []).toFixed(1)} ms`);
  }
  return samples.map((own) => own.map((ms) => Number(ms.toFixed(2))));
}
