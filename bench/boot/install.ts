import type { Bench } from '../bench.ts';
import type { Line, SectionResult } from '../lines.ts';
import { interleave } from '../rounds.ts';
import { type Application, bootOnce, startApplication } from './application.ts';
import { ROUND_TRIP_MS } from './boot.ts';
import { startDelayProxy } from './delay-proxy.ts';
import {
  type BootTool,
  databaseOf,
  expectComplete,
  installed,
  MIGRATORS,
  NODE_PG_MIGRATE,
  OURS,
  QUEUES,
  SCRIPT,
} from './tools.ts';

/** Their schemas are others, which do not compare. */
const OTHERS = QUEUES.map((tool): BootTool => ({ ...tool, role: 'other' }));

/** What a first boot costs on an empty database, beside the same SQL as one script. */
export async function measureInstall(bench: Bench): Promise<SectionResult> {
  const { server, quick } = bench;
  const tools = installed(bench, [SCRIPT, OURS, NODE_PG_MIGRATE, ...MIGRATORS, ...OTHERS]);
  const boots = await bench.boots();
  const applications = new Map<BootTool, Application>();
  for (const tool of tools) {
    const application = await startApplication(boots, tool);
    await application.boot(await server.createEmptyDatabase(databaseOf(tool)));
    applications.set(tool, application);
  }
  type Install = (tool: BootTool, url: string) => Promise<number>;
  const installs = (install: Install) =>
    tools.map((tool) => ({
      name: tool.name,
      measure: async () => {
        const url = await server.createEmptyDatabase(databaseOf(tool));
        let ms = 0;
        const { cpuMs } = await server.costOf(async () => {
          ms = await install(tool, url);
        });
        await expectComplete(url, tool);
        return { ms, cpuMs };
      },
    }));
  const call: Install = async (tool, url) => (await applications.get(tool)?.boot(url)) ?? 0;

  const warm = await interleave(bench, 'warm', installs(call), {
    ...{ seconds: 25, least: 3, most: 15 },
  });
  const proxy = await startDelayProxy(
    await server.createEmptyDatabase('bench_proxied'),
    quick ? 1 : ROUND_TRIP_MS,
  );
  const away = await interleave(
    bench,
    'away',
    installs((tool, url) => call(tool, proxy.through(url))),
    { seconds: 25, least: 2, most: 5 },
  );
  await proxy.stop();
  for (const application of applications.values()) await application.end();
  const start: Install = async (tool, url) => (await bootOnce(boots, tool, url)).ms;
  const processes = await interleave(bench, 'new process', installs(start), {
    ...{ seconds: 20, least: 3, most: 9 },
  });
  for (const tool of tools) await server.dropDatabase(databaseOf(tool));
  const line = (what: string, unit: string, samples: Line['samples'] = {}): Line => ({
    ...{ what, unit, samples, better: 'less' },
  });
  return {
    columns: tools,
    lines: [
      line('warm', 'ms', warm.ms),
      line("warm, the server's CPU", 'ms', warm.cpuMs),
      line(`warm, ${ROUND_TRIP_MS} ms away`, 'ms', away.ms),
      line('new process', 'ms', processes.ms),
    ],
  };
}
