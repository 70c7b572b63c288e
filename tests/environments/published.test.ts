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

test('the types are found by every resolution but those that know no ES module or no exports', async () => {
  const { tarball, source } = await pack();
  const attw = (...args: string[]) =>
    runTool('@arethetypeswrong/cli', [tarball, ...args], temporaryFolder());
  const judged = await attw('--profile', 'esm-only', '--exclude-entrypoints', NOT_TYPED);
  expect(judged).toMatchObject({ code: 0 });

  const { stdout } = await attw('--format', 'json', '--exclude-entrypoints', NOT_TYPED);
  const { analysis }: { analysis: Analysis } = JSON.parse(stdout);
  const typed = Object.entries(manifestOf(source).exports)
    .filter(([, entry]) => typeof entry !== 'string')
    .map(([entrypoint]) => entrypoint);
  expect(Object.keys(analysis.entrypoints).sort()).toEqual([...typed, './package.json'].sort());
  expect(analysis.problems).toEqual(
    typed.flatMap((entrypoint) => [
      // Node 10 and its like do not read exports.
      { kind: 'NoResolution', entrypoint, resolutionKind: 'node10' },
      // Node 20.19 and newer can require() it, which `node16` does not know; `nodenext` does.
      { kind: 'CJSResolvesToESM', entrypoint, resolutionKind: 'node16-cjs' },
    ]),
  );
});

/** The part of the report that is looked at. */
interface Analysis {
  readonly entrypoints: Readonly<Record<string, unknown>>;
  readonly problems: readonly object[];
}
