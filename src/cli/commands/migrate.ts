import type { RunMigrationsResult } from '../../index.ts';
import type { CommandContext, CommandResult } from '../command.ts';
import type { Flags } from '../flags.ts';
import { countOf, milliseconds, singleLine } from '../terminal.ts';

/** Runs `up` or `down`. */
export async function migrate(
  direction: 'up' | 'down',
  { json: _json, envFile: _envFile, yes: _yes, ...options }: Flags,
  { signal, onEvent, styles }: CommandContext,
): Promise<CommandResult> {
  const { runMigrations } = await import('../../index.ts');
  const result = await runMigrations({ ...options, direction, signal, onEvent });
  const lines = describe(result, options.dryRun ?? false);
  const [summary = ''] = lines.splice(-1);
  return { json: result, text: [...lines, styles.success(summary), ''].join('\n'), ok: true };
}

function describe(result: RunMigrationsResult, dryRun: boolean): string[] {
  const { direction, ran, adopted, wouldRun, alreadyApplied, durationMs } = result;
  const list = (names: readonly string[]) => names.map((name) => `  ${singleLine(name)}`);
  const lines: string[] = [];
  if (adopted.length > 0) {
    const verb = dryRun ? 'would be recorded' : 'recorded';
    lines.push(`The schema exists already. Migrations ${verb} without running them:`);
    lines.push(...list(adopted));
  }
  if (wouldRun.length > 0) {
    lines.push(`${direction} would run:`, ...list(wouldRun));
    return [...lines, `${countOf(wouldRun.length, 'migration')} would run. Nothing was changed.`];
  }
  if (ran.length > 0) {
    const verb = direction === 'up' ? 'applied' : 'rolled back';
    return [
      ...lines,
      `${countOf(ran.length, 'migration')} ${verb} in ${milliseconds(durationMs)}.`,
    ];
  }
  const applied = adopted.length > 0 ? adopted : alreadyApplied;
  return [...lines, `Nothing to run: ${countOf(applied.length, 'migration')} applied.`];
}
