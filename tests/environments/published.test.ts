import { expect, test } from 'vitest';
import { manifestOf, pack } from '../package/packed.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { needTool, runTool } from '../support/tools.ts';

needTool('publint');
needTool('@arethetypeswrong/cli');

/** It has no types: node-pg-migrate's command reads it, and no program imports it. */
const NOT_TYPED = 'node-pg-migrate.config.js';

test('publint finds nothing to say about the tarball, not even a suggestion', async () => {
  const { tarball } = await pack();
  const { code, stdout } = await runTool('publint', ['run', tarball, '--strict'], '.');
  expect([code, stdout]).toEqual([0, expect.stringContaining('All good!')]);
});

test('the types are found by every resolution: node10, node16 from CommonJS and ES modules, bundler', async () => {
  const { tarball, source } = await pack();
  const attw = (...args: string[]) =>
    runTool('@arethetypeswrong/cli', [tarball, ...args], temporaryFolder());
  const { code, stdout } = await attw(
    ...['--profile', 'strict', '--format', 'json', '--exclude-entrypoints', NOT_TYPED],
  );
  const { analysis }: { analysis: Analysis } = JSON.parse(stdout);
  const typed = Object.entries(manifestOf(source).exports)
    .filter(([, entry]) => typeof entry !== 'string')
    .map(([entrypoint]) => entrypoint);
  expect(Object.keys(analysis.entrypoints).sort()).toEqual([...typed, './package.json'].sort());
  expect([code, analysis.problems]).toEqual([0, []]);
});

/** The part of the report that is looked at. */
interface Analysis {
  readonly entrypoints: Readonly<Record<string, unknown>>;
  readonly problems: readonly object[];
}
