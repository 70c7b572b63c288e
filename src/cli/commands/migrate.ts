import type { RunMigrationsResult } from '../../index.ts';
import { onOneLine } from '../colours.ts';
import type { Answer, Context } from '../command.ts';
import type { Flags } from '../flags.ts';
import { milliseconds } from '../progress.ts';

/** What `up` and `down` have in common: all but the direction. */
export async function migrate(
  direction: 'up' | 'down',
  { json: _json, envFile: _envFile, ...options }: Flags,
  { signal, onEvent, paint }: Context,
): Promise<Answer> {
  const { runMigrations } = await import('../../index.ts');
  const result = await runMigrations({ ...options, direction, signal, onEvent });
  const lines = told(result, options.dryRun ?? false);
  const [summary = ''] = lines.splice(-1);
  const text = [...lines, paint.good(summary), ''].join('\n');
  return { document: result, text, right: true };
}

function told(result: RunMigrationsResult, dryRun: boolean): string[] {
  const { direction, ran, adopted, wouldRun, alreadyApplied, durationMs } = result;
  const inTime = `in ${milliseconds(durationMs)}`;
  const list = (names: readonly string[]) => names.map((name) => `  ${onOneLine(name)}`);
  const lines: string[] = [];
  if (adopted.length > 0) {
    const verb = dryRun ? 'would be' : 'were';
    lines.push(`The schema was there already; these ${verb} recorded:`, ...list(adopted));
  }
  if (wouldRun.length > 0) {
    lines.push(`${direction} would run:`, ...list(wouldRun));
    return [...lines, `${migrations(wouldRun.length)} would run. Nothing was changed.`];
  }
  if (ran.length > 0) {
    const done = direction === 'up' ? 'applied' : 'taken back';
    return [...lines, `${migrations(ran.length)} ${done} ${inTime}.`];
  }
  const applied = adopted.length > 0 ? adopted : alreadyApplied;
  return [...lines, `Nothing to run: ${migrations(applied.length)} in place.`];
}

function migrations(count: number): string {
  return count === 1 ? '1 migration' : `${count} migrations`;
}
