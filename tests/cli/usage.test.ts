import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { VERSION } from '../../src/version.ts';
import { inProcess } from './cli.ts';

const GUIDE = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8');
const COMMANDS = ['up', 'down', 'status', 'plan', 'verify', 'fix-access', 'sql', 'health'];

/** The flags that the help of a command lists. */
async function flagsOf(command: string): Promise<string[]> {
  const { code, stdout, stderr } = await inProcess(command, '--help');
  expect([code, stderr]).toEqual([0, '']);
  const [options = ''] = stdout.split('\nConnection settings, ');
  const flags = [...options.matchAll(/^ {2}(?:-h, )?(--[a-z-]+)/gm)].map(([, flag]) => flag ?? '');
  return flags.filter((flag) => flag !== '--help');
}

test.each([
  [['up', '--migrations-table', '--dry-run'], '--migrations-table'],
  [['sql', '--out', '--json'], '--out'],
  [['status', '--database-url='], '--database-url'],
  [['down', '--count', '-1'], '--count'],
])('a flag is not taken as the value of another: %j', async (args, flag) => {
  const { code, stdout, stderr } = await inProcess(...args);
  expect(code).toBe(2);
  expect(stdout + stderr).toContain(`${flag} has no value.`);
});

describe('an unknown flag or command', () => {
  test.each([
    [['up', '--lock-timout-ms', '5'], "Unknown option '--lock-timout-ms'.", '--lock-timeout-ms'],
    [['up', '--databse-url=postgres://u:secret@h/d'], "'--databse-url'", '--database-url'],
    [['down', '--cuont', '1'], "Unknown option '--cuont'.", '--count'],
    [['statsu'], "Unknown command 'statsu'.", 'status'],
    [['verfy', '--json=yes'], "Unknown command 'verfy'.", 'verify'],
  ])('is refused with a suggestion: %j', async (args, problem, nearest) => {
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
  ])('is refused where the command has no such flag: %j', async (args) => {
    const { code, stdout, stderr } = await inProcess(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^error: .*\(USAGE\)\nhint: {2}/);
  });
});

describe('an invalid value', () => {
  test.each([
    [['up', '--count', 'many'], 'error: The value of --count is not a number. (USAGE)'],
    [['up', '--count', '1.5'], 'error: The value of --count is not a number. (USAGE)'],
    [['up', '--timeout-ms', ''], '--timeout-ms has no value.'],
    [['up', '--timeout-ms'], "Option '--timeout-ms <ms>' argument missing. (USAGE)"],
    [['up', '--count', '0'], 'flag:  --count <number>  maximum number of migrations, or all'],
    [['up', '--lock-timeout-ms', '0'], 'flag:  --lock-timeout-ms <ms>  '],
    [['up', '--schema', 'a"b'], 'contains a quote. (INVALID_OPTION)'],
    [['up', '--schema', 'a', '--schema', 'a'], 'flag:  --schema <name>  '],
    [
      ['up', '--count', '1', '--target', '20261128100000000_require-leads'],
      'Both count and target are given. (INVALID_OPTION)',
    ],
    [['up', '--target', 'nothing'], 'error: There is no migration "nothing".'],
    [['up', '--migrations-table', 'visitors'], 'flag:  --migrations-table <name>  '],
    [['sql', '--format', 'text'], 'hint:  Pass one of: supabase, numbered, script.'],
    [['health', '--format', 'script'], 'hint:  Pass one of: prometheus, table.'],
    [['health', '--max-dead-letters', 'few'], 'The value of --max-dead-letters is not a number.'],
    [['sql', '--format', 'supabase'], 'hint:  Pass --out <folder> to write them'],
    [['sql', '--format', 'numbered'], 'hint:  Pass --out <folder> to write them'],
    [['sql', '--out', 'x.sql'], 'error: --out x.sql is not a folder. (USAGE)'],
    [['sql', '--check'], 'error: --check needs --out. (USAGE)'],
    [['sql', '--out', 'x', '--check', '--force'], 'error: --check and --force exclude each other.'],
    [['sql', '--force'], 'error: --force needs --out. (USAGE)'],
  ])('is refused, and the flag is named: %j', async (args, words) => {
    const { code, stdout, stderr } = await inProcess(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(words);
  });
});

describe('help', () => {
  test('lists the commands, the sources of settings, the exit codes and examples', async () => {
    const { code, stdout, stderr } = await inProcess('--help');
    expect([code, stderr]).toEqual([0, '']);
    for (const command of COMMANDS) {
      expect(stdout).toMatch(new RegExp(`^ {2}${command} \\[options\\] `, 'm'));
      expect(stdout).toMatch(new RegExp(`^ {2}npx conversion-tracking-schema ${command}`, 'm'));
    }
    expect(stdout).toMatch(
      /--database-url, then the environment variable DATABASE_URL, then the PG\* variables/,
    );
    for (const exitCode of [0, 1, 2, 130]) {
      expect(stdout).toMatch(new RegExp(`^ {2}${exitCode} `, 'm'));
    }
    expect(await inProcess('help')).toEqual({ code, stdout, stderr });
  });

  test.each(COMMANDS)('of %s has the exit codes and an example', async (command) => {
    const { stdout } = await inProcess(command, '--help');
    expect(stdout).toContain('Exit codes:');
    expect(stdout).toContain(`Example:\n  npx conversion-tracking-schema ${command}`);
    expect(stdout.includes('--database-url, then ')).toBe(command !== 'sql');
    expect((await inProcess('help', command)).stdout).toBe(stdout);
  });

  test('lists the same flags as the guide for every command', async () => {
    const rows = [...GUIDE.matchAll(/^\| `(--[a-z-]+)[^`]*` \| ([^|]*) \|/gm)];
    expect(rows.length).toBeGreaterThan(10);
    for (const command of COMMANDS) {
      const inGuide = rows.filter(
        ([, , commands = '']) => commands === 'all' || commands.split(', ').includes(command),
      );
      expect((await flagsOf(command)).sort()).toEqual(inGuide.map(([, flag]) => flag).sort());
    }
  });

  test.each(['--version', '-v'])('%s prints the version', async (flag) => {
    expect(await inProcess(flag)).toEqual({ code: 0, stdout: `${VERSION}\n`, stderr: '' });
  });
});
