import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { VERSION } from '../../src/version.ts';
import { inProcess } from './cli.ts';

const GUIDE = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8');
const COMMANDS = ['up', 'down', 'status', 'plan', 'verify', 'close', 'sql'];

/** The flags that the help of a command lists. */
async function flagsOf(command: string): Promise<string[]> {
  const { code, stdout, stderr } = await inProcess(command, '--help');
  expect([code, stderr]).toEqual([0, '']);
  const [options = ''] = stdout.split('\nSettings, ');
  const flags = [...options.matchAll(/^ {2}(?:-h, )?(--[a-z-]+)/gm)].map(([, flag]) => flag ?? '');
  return flags.filter((flag) => flag !== '--help');
}

test.each([
  [['up', '--migrations-table', '--dry-run'], '--migrations-table'],
  [['sql', '--out', '--json'], '--out'],
  [['status', '--database-url='], '--database-url'],
  [['down', '--count', '-1'], '--count'],
])('a flag is no value of another: %j', async (args, flag) => {
  const { code, stdout, stderr } = await inProcess(...args);
  expect(code).toBe(2);
  expect(stdout + stderr).toContain(`${flag} has no value.`);
});

describe('an unknown word', () => {
  test.each([
    [['up', '--lock-timout-ms', '5'], "Unknown option '--lock-timout-ms'.", '--lock-timeout-ms'],
    [['up', '--databse-url=postgres://u:secret@h/d'], "'--databse-url'", '--database-url'],
    [['down', '--cuont', '1'], "Unknown option '--cuont'.", '--count'],
    [['statsu'], "Unknown command 'statsu'.", 'status'],
    [['verfy', '--json=yes'], "Unknown command 'verfy'.", 'verify'],
  ])('is refused with the nearest known one: %j', async (args, problem, nearest) => {
    const { code, stdout, stderr } = await inProcess(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(problem);
    expect(stderr).toContain(`hint:  Did you mean ${nearest}?`);
  });

  test.each([
    [['status', '--count', '1']],
    [['status', '--create-schema']],
    [['up', '--allow-data-loss']],
    [['up', '--down']],
    [['verify', '--lock-timeout-ms', '5']],
    [['plan', '--migration-lock-timeout-ms', '5']],
    [['plan', '--dry-run']],
    [['sql', '--database-url', 'postgres://h/d']],
    [['up', 'more']],
    [['-x']],
    [[]],
  ])('is refused where the command does not know it: %j', async (args) => {
    const { code, stdout, stderr } = await inProcess(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^error: .*\(USAGE\)\nhint: {2}/);
  });
});

describe('a value that is none', () => {
  test.each([
    [['up', '--count', 'many'], 'error: The value of --count is not a number. (USAGE)'],
    [['up', '--count', '1.5'], 'error: The value of --count is not a number. (USAGE)'],
    [['up', '--timeout-ms', ''], '--timeout-ms has no value.'],
    [['up', '--timeout-ms'], "Option '--timeout-ms <ms>' argument missing. (USAGE)"],
    [['up', '--count', '0'], 'error: --count is 0. (INVALID_OPTION)'],
    [['up', '--lock-timeout-ms', '0'], 'error: --lock-timeout-ms is 0. (INVALID_OPTION)'],
    [['up', '--schema', 'a"b'], 'contains a quote. (INVALID_OPTION)'],
    [['up', '--schema', 'a', '--schema', 'a'], 'error: --schema names a schema twice.'],
    [
      ['up', '--count', '1', '--target', '20261128100000000_require-leads'],
      'Both --count and --target',
    ],
    [['up', '--target', 'nothing'], 'error: There is no migration "nothing".'],
    [['up', '--migrations-table', 'visitors'], 'error: --migrations-table is "visitors"'],
    [['sql', '--format', 'text'], 'hint:  Pass one of: supabase, numbered, script.'],
    [['sql', '--format', 'supabase'], 'hint:  Pass --out <folder> to write them'],
    [['sql', '--format', 'numbered'], 'hint:  Pass --out <folder> to write them'],
    [['sql', '--force'], 'error: --force is given without --out.'],
  ])('is refused, in the words of the command line: %j', async (args, words) => {
    const { code, stdout, stderr } = await inProcess(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(words);
  });
});

describe('help', () => {
  test('lists the commands, where settings come from, the exit codes and an example of each', async () => {
    const { code, stdout, stderr } = await inProcess('--help');
    expect([code, stderr]).toEqual([0, '']);
    for (const command of COMMANDS) {
      expect(stdout).toMatch(new RegExp(`^ {2}${command} \\[options\\] `, 'm'));
      expect(stdout).toMatch(new RegExp(`^ {2}npx conversion-tracking-schema ${command}`, 'm'));
    }
    expect(stdout).toMatch(/--database-url, then DATABASE_URL .*, then its PG\*/);
    for (const exitCode of [0, 1, 2, 130]) {
      expect(stdout).toMatch(new RegExp(`^ {2}${exitCode} `, 'm'));
    }
    expect(await inProcess('help')).toEqual({ code, stdout, stderr });
  });

  test.each(COMMANDS)('of %s has its exit codes and an example', async (command) => {
    const { stdout } = await inProcess(command, '--help');
    expect(stdout).toContain('Exit codes:');
    expect(stdout).toContain(`Example:\n  npx conversion-tracking-schema ${command}`);
    expect(stdout.includes('--database-url, then DATABASE_URL')).toBe(command !== 'sql');
    expect((await inProcess('help', command)).stdout).toBe(stdout);
  });

  test('and the guide agree on the flags of every command', async () => {
    const rows = [...GUIDE.matchAll(/^\| `(--[a-z-]+)[^`]*` \| ([^|]*) \|/gm)];
    expect(rows.length).toBeGreaterThan(10);
    for (const command of COMMANDS) {
      const inGuide = rows.filter(
        ([, , commands = '']) => commands === 'all' || commands.split(', ').includes(command),
      );
      expect((await flagsOf(command)).sort()).toEqual(inGuide.map(([, flag]) => flag).sort());
    }
  });

  test('names the version', async () => {
    expect(await inProcess('--version')).toEqual({ code: 0, stdout: `${VERSION}\n`, stderr: '' });
  });
});
