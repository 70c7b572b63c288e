import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../bench.ts';
import type { Line, SectionResult } from '../lines.ts';
import { interleave, time } from '../rounds.ts';
import { type Application, bootOnce, startApplication } from './application.ts';
import type { Boots } from './build-boots.ts';
import { startDelayProxy } from './delay-proxy.ts';
import {
  BARE,
  type BootTool,
  databaseOf,
  expectComplete,
  installed,
  MIGRATORS,
  NODE_PG_MIGRATE,
  OURS,
  QUEUES,
} from './tools.ts';

/** After each call: a connection that was left to close is not to end within the next one's time. */
const SETTLE_MS = 20;
/** Calls of a sample: the kernel counts a server process's CPU exactly, but in large steps. */
const CALLS = 10;
export const ROUND_TRIP_MS = 20;

/** What a boot costs when the schema is up to date. */
export async function measureBoot(bench: Bench): Promise<SectionResult> {
  const { server, quick } = bench;
  const tools = installed(bench, [BARE, OURS, ...QUEUES, NODE_PG_MIGRATE, ...MIGRATORS]);
  const boots = await bench.boots();
  const urls = await upToDate(bench, boots, tools);
  const urlOf = (tool: BootTool) => urls.get(tool) ?? '';

  const processes = await interleave(
    bench,
    'new process',
    tools.map((tool) => ({
      name: tool.name,
      measure: async () => {
        const { ms, cpuMs } = await bootOnce(boots, tool, urlOf(tool));
        return { ms, cpuMs };
      },
    })),
    { seconds: 30, least: 5, most: 21 },
  );

  const applications: { tool: BootTool; application: Application }[] = [];
  for (const tool of tools) {
    const application = await startApplication(boots, tool);
    for (let call = 0; call < 3; call += 1) await application.boot(urlOf(tool));
    applications.push({ tool, application });
  }
  const calls = (count: number, address: (url: string) => string) =>
    applications.map(({ tool, application }) => ({
      name: tool.name,
      measure: async () => {
        let ms = 0;
        const { cpuMs } = await server.costOf(async () => {
          for (let call = 0; call < count; call += 1) {
            ms += await application.boot(address(urlOf(tool)));
            await sleep(SETTLE_MS);
          }
        });
        return { ms: ms / count, cpuMs: cpuMs / count };
      },
    }));
  const warm = await interleave(
    bench,
    'warm',
    calls(quick ? 1 : CALLS, (url) => url),
    { seconds: 35, least: 3, most: 15 },
  );
  const proxy = await startDelayProxy(urlOf(OURS), quick ? 1 : ROUND_TRIP_MS);
  const away = await interleave(bench, 'away', calls(1, proxy.through), {
    ...{ seconds: 15, least: 3, most: 11 },
  });
  await proxy.stop();
  for (const { application } of applications) await application.end();

  const statements: Record<string, number[]> = {};
  for (const tool of tools) {
    const boot = () => bootOnce(boots, tool, urlOf(tool));
    statements[tool.name] = [await server.statementsIn(urlOf(tool), boot)];
  }
  for (const tool of tools) await server.dropDatabase(databaseOf(tool));
  const line = (what: string, unit: string, samples: Line['samples'] = {}): Line => ({
    ...{ what, unit, samples, better: 'less' },
  });
  return {
    columns: tools,
    lines: [
      line('new process', 'ms', processes.ms),
      line('new process, its CPU', 'ms', processes.cpuMs),
      line('warm', 'ms', warm.ms),
      line("warm, the server's CPU", 'ms', warm.cpuMs),
      line(`warm, ${ROUND_TRIP_MS} ms away`, 'ms', away.ms),
      line('statements', '', statements),
    ],
  };
}

/** A database for each tool that it has brought up to date; bare clients look into one of ours. */
export async function upToDate(
  { server, say }: Bench,
  boots: Boots,
  tools: readonly BootTool[],
): Promise<ReadonlyMap<BootTool, string>> {
  const urls = new Map<BootTool, string>();
  for (const tool of tools) {
    const url = await server.createEmptyDatabase(databaseOf(tool));
    const ms = await time(() => bootOnce(boots, tool === BARE ? OURS : tool, url));
    await expectComplete(url, tool);
    urls.set(tool, url);
    say(`${tool.name} is installed after ${Math.round(ms)} ms`);
  }
  return urls;
}
