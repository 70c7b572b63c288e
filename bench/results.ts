import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { InstallResult } from './boot/first-install.ts';
import type { NoopResult } from './boot/noop-boot.ts';
import type { ReplicasResult } from './boot/replicas.ts';
import type { LiveInstallResult } from './live/live-install.ts';
import type { Machine } from './machine.ts';
import type { ClaimGrowthResult } from './queue/claim-growth.ts';
import type { ThroughputResult } from './queue/queue-throughput.ts';
import type { VacuumResult } from './queue/vacuum.ts';
import type { PurgeResult } from './tables/purge.ts';
import type { VerifyGrowthResult } from './tables/verify-growth.ts';
import type { WritesResult } from './tables/writes.ts';
import type { WeightResult } from './weight.ts';

/** What each benchmark measures, by its name. */
export interface Measured {
  readonly 'queue-throughput': ThroughputResult;
  readonly 'claim-growth': ClaimGrowthResult;
  readonly purge: PurgeResult;
  readonly vacuum: VacuumResult;
  readonly weight: WeightResult;
  readonly 'live-install': LiveInstallResult;
  readonly writes: WritesResult;
  readonly 'verify-growth': VerifyGrowthResult;
  readonly 'noop-boot': NoopResult;
  readonly 'first-install': InstallResult;
  readonly replicas: ReplicasResult;
}

/** Where all of it was measured. */
export interface Place {
  readonly machine: Machine;
  readonly postgres: {
    readonly version: string;
    readonly settings: Readonly<Record<string, string>>;
  };
}

/** Which call of `npm run bench` has measured it. */
export interface Call {
  /** In ISO 8601. */
  readonly startedAt: string;
  /** What was checked out; undefined outside of git. */
  readonly commit: string | undefined;
}

export interface Results extends Place {
  readonly benchmarks: Partial<Measured>;
  /** By benchmark. */
  readonly calls: { readonly [Name in keyof Measured]?: Call };
}

export function readResults(file: string | URL): Results | undefined {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

/** Adds to what was measured before, unless that was elsewhere: figures of two places do not compare. */
export function mergeResults(
  before: Results | undefined,
  { machine, postgres, benchmarks, calls }: Results,
): Results {
  const same =
    before !== undefined &&
    isDeepStrictEqual(before.machine, machine) &&
    isDeepStrictEqual(before.postgres, postgres);
  return {
    machine,
    postgres,
    calls: { ...(same ? before.calls : {}), ...calls },
    benchmarks: { ...(same ? before.benchmarks : {}), ...benchmarks },
  };
}

export function writeResults(file: string, results: Results): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(results, null, 1)}\n`);
}
