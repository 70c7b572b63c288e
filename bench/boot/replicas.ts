import type { Bench } from '../bench.ts';
import type { Line, SectionResult } from '../lines.ts';
import { interleave } from '../rounds.ts';
import { startApplication } from './application.ts';
import { upToDate } from './boot.ts';
import type { Boots } from './build-boots.ts';
import type { BootReply } from './process/tool.ts';
import {
  BARE,
  type BootTool,
  databaseOf,
  installed,
  LOCKED_SCRIPT,
  MIGRATORS,
  NODE_PG_MIGRATE,
  NODE_PG_MIGRATE_WAIT,
  OURS,
  QUEUES,
} from './tools.ts';

const FEW = [BARE, LOCKED_SCRIPT, OURS, ...QUEUES];
const ALL = [...FEW, NODE_PG_MIGRATE_WAIT, NODE_PG_MIGRATE, ...MIGRATORS];
const STATES = ['empty', 'up to date'] as const;

/** Many processes that boot at one instant, on an empty database and on one that is up to date. */
export async function measureReplicas(bench: Bench): Promise<SectionResult> {
  const boots = await bench.boots();
  const all = installed(bench, ALL);
  const urls = await upToDate(bench, boots, all);
  const sizes = [
    { processes: bench.quick ? 2 : 20, tools: all, seconds: 90, least: 3, most: 3 },
    // Those that are the quickest with twenty.
    {
      processes: bench.quick ? 0 : 100,
      tools: installed(bench, FEW),
      seconds: 120,
      least: 2,
      most: 3,
    },
  ];
  const lines: Line[] = [];
  for (const { processes, tools, ...budget } of sizes) {
    if (processes === 0) continue;
    for (const state of STATES) {
      const samples = await interleave(
        bench,
        `${processes} processes, ${state}`,
        tools.map((tool) => ({
          name: tool.name,
          measure: async () => {
            const name = databaseOf(tool, '_empty');
            const empty = state === 'empty' ? await bench.server.createEmptyDatabase(name) : '';
            const sample = await bootAtOnce(bench, boots, tool, {
              ...{ processes, url: empty || (urls.get(tool) ?? '') },
            });
            await bench.server.dropDatabase(name);
            return sample;
          },
        })),
        { ...budget, seconds: budget.seconds / STATES.length },
      );
      const line = (what: string, unit: string, own: Line['samples'] = {}): Line => ({
        ...{ what: `${processes} processes, ${state}${what}`, unit, samples: own, better: 'less' },
      });
      lines.push(line('', 'ms', ranThrough(samples.ms, samples.failed)));
      lines.push(line(', CPU', 'ms', ranThrough(samples.cpuMs, samples.failed)));
      lines.push(line(', failed', 'processes', samples.failed));
    }
  }
  for (const tool of all) await bench.server.dropDatabase(databaseOf(tool));
  return { columns: all, lines };
}

/** The times of a tool are compared only where none of its processes has failed. */
function ranThrough(samples: Line['samples'] = {}, failed: Line['samples'] = {}): Line['samples'] {
  return Object.fromEntries(
    Object.entries(samples).filter(([name]) => failed[name]?.every((count) => count === 0)),
  );
}

/** Milliseconds from the signal until the last one is done, and of CPU of all of them and the server. */
async function bootAtOnce(
  bench: Bench,
  boots: Boots,
  tool: BootTool,
  { processes, url }: { readonly processes: number; readonly url: string },
): Promise<{ ms: number; cpuMs: number; failed: number }> {
  const applications = await Promise.all(
    Array.from({ length: processes }, () => startApplication(boots, tool)),
  );
  let replies: BootReply[] = [];
  let ms = 0;
  const server = await bench.server.costOf(async () => {
    const signal = performance.now();
    replies = await Promise.all(applications.map(({ attempt }) => attempt(url)));
    ms = performance.now() - signal;
  });
  await Promise.all(applications.map(({ end }) => end()));
  return {
    ms,
    cpuMs: replies.reduce((sum, reply) => sum + reply.cpuMs, server.cpuMs),
    failed: replies.filter(({ error }) => error !== undefined).length,
  };
}
