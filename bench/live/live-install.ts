import { setTimeout as sleep } from 'node:timers/promises';
import { withClient } from '../../scripts/with-client.ts';
import type { Bench } from '../bench.ts';
import { interleave } from '../rounds.ts';
import { INSTALLERS, type Installer } from './installers.ts';
import { createLeads, startLeadWriters } from './lead-writers.ts';
import type { Write } from './lead-writers-process.ts';

/** What the application's writers felt of one installation. */
export interface LiveInstallSample {
  readonly longestMs: number;
  /** 99.9 % of the writes took no longer. */
  readonly slowestMs: number;
  /** Writes that ended within the window, which begins with the installation. */
  readonly writes: number;
  /** Both undefined where nothing was installed. */
  readonly installedMs: number | undefined;
  readonly retries: number | undefined;
}

export interface LiveInstallCase {
  readonly installer: string;
  /** How long after the start of the installation a transaction that has written to leads ends. */
  readonly blockedMs: number;
  readonly windowMs: number;
  readonly samples: readonly LiveInstallSample[];
}

export interface LiveInstallResult {
  readonly rounds: number;
  readonly leads: number;
  readonly clients: number;
  readonly cases: readonly LiveInstallCase[];
}

const TEMPLATE = 'bench_live_template';
const DATABASE = 'bench_live';
const CLIENTS = 4;
/** What the writers do without an installation. */
const NOTHING = 'nothing installed';

/** What installing does to the writers of an application that is at work. */
export async function measureLiveInstall(bench: Bench): Promise<LiveInstallResult> {
  const { server, quick, say } = bench;
  const rounds = quick ? 1 : 3;
  const leads = quick ? 1000 : 100_000;
  await withClient(await server.createEmptyDatabase(TEMPLATE), (client) =>
    createLeads(client, leads),
  );
  // Has the modules of each installer loaded before the measurement.
  for (const { install } of INSTALLERS) await install(await server.createEmptyDatabase(DATABASE));

  const waits = quick ? [0, 600] : [0, 10_000];
  const cases = waits.flatMap((blockedMs) =>
    [undefined, ...INSTALLERS].map((installer) => ({
      installer,
      blockedMs,
      windowMs: blockedMs + (quick ? 500 : 2000),
    })),
  );
  const nameOf = ({ installer, blockedMs }: (typeof cases)[number]) =>
    `${installer?.name ?? NOTHING}, ${blockedMs} ms of a long transaction`;
  const samples = await interleave(
    rounds,
    cases.map((one) => ({ name: nameOf(one), measure: () => measureInstall(bench, leads, one) })),
    (round, name, { longestMs, writes, installedMs }) =>
      say(`round ${round}: ${name}: ${longestMs} ms, ${writes} writes, installed ${installedMs}`),
  );
  await server.dropDatabase(TEMPLATE);
  return {
    rounds,
    leads,
    clients: CLIENTS,
    cases: cases.map(({ installer, blockedMs, windowMs }, index) => ({
      installer: installer?.name ?? NOTHING,
      blockedMs,
      windowMs,
      samples: samples[index] ?? [],
    })),
  };
}

async function measureInstall(
  { server }: Bench,
  leads: number,
  how: { installer: Installer | undefined; blockedMs: number; windowMs: number },
): Promise<LiveInstallSample> {
  const { installer, blockedMs, windowMs } = how;
  const url = await server.copyDatabase(TEMPLATE, DATABASE);
  const writers = await startLeadWriters(url, CLIENTS, leads);
  await sleep(500);
  const { start, blocked } = await beginLongTransaction(url, blockedMs);
  let retries: number | undefined;
  let installedMs: number | undefined;
  try {
    retries = await installer?.install(url);
    installedMs = installer && Date.now() - start;
  } finally {
    await blocked;
  }
  await sleep(Math.max(0, start + windowMs - Date.now()) + 200);
  const writes = await writers.stop();
  await server.dropDatabase(DATABASE);
  return { ...felt(writes, start, windowMs), installedMs, retries };
}

/** Has written to a lead when it returns, and lasts so long from then on. */
async function beginLongTransaction(
  url: string,
  ms: number,
): Promise<{ start: number; blocked: Promise<void> }> {
  if (ms === 0) return { start: Date.now(), blocked: Promise.resolve() };
  return new Promise((resolve, reject) => {
    const blocked = withClient(url, async (client) => {
      await client.query('BEGIN');
      await client.query("UPDATE leads SET email = NULL WHERE id = md5('lead 1')::uuid");
      resolve({ start: Date.now(), blocked });
      await sleep(ms);
      await client.query('COMMIT');
    });
    blocked.catch(reject);
  });
}

/** Of all writes that had not ended when the installation began. */
function felt(
  writes: readonly Write[],
  start: number,
  windowMs: number,
): Pick<LiveInstallSample, 'longestMs' | 'slowestMs' | 'writes'> {
  const own = writes.filter(([at, ms]) => at + ms >= start);
  const sorted = own.map(([, ms]) => ms).sort((a, b) => a - b);
  const slowest = sorted[Math.ceil(sorted.length * 0.999) - 1];
  const longest = sorted.at(-1);
  if (slowest === undefined || longest === undefined) throw new Error('nothing was written');
  return {
    longestMs: Number(longest.toFixed(1)),
    slowestMs: Number(slowest.toFixed(1)),
    writes: own.filter(([at, ms]) => at + ms < start + windowMs).length,
  };
}
