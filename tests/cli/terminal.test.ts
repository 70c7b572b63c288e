import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { runMigrations } from '../../src/index.ts';
import { createDatabase, type TestDatabase, withClient } from '../support/database.ts';
import { run } from '../support/process.ts';
import { untilSession } from '../support/sessions.ts';
import { MAIN } from './cli.ts';

const hasScript = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes(
  'util-linux',
);
const ESCAPE = '\u001b[';
const GREEN = `${ESCAPE}32m`;
const HIDE_CURSOR = `${ESCAPE}?25l`;
const SHOW_CURSOR = `${ESCAPE}?25h`;

interface Terminal {
  readonly env?: NodeJS.ProcessEnv;
  /** Goes behind the command. */
  readonly pipe?: string;
  /** A shell command whose output is typed. */
  readonly keys?: string;
}

/** Runs the command line on a pseudo-terminal; stdout is what that shows. */
function onTerminal(args: readonly string[], url: string, terminal: Terminal = {}) {
  const { env = {}, pipe = '', keys = 'true' } = terminal;
  const words = [process.execPath, ...MAIN, ...args].map((word) => `'${word}'`);
  const line = `{ ${keys}; } | script -qec "${words.join(' ')} ${pipe}" /dev/null`;
  const { CI: _ci, NO_COLOR: _no, FORCE_COLOR: _force, ...inherited } = process.env;
  const settings = { TERM: 'xterm-256color', DATABASE_URL: url, ...env };
  return run('env', ['-i', ...assignments({ ...inherited, ...settings }), 'sh', '-c', line], {
    cwd: tmpdir(),
  });
}

function assignments(env: NodeJS.ProcessEnv): string[] {
  return Object.entries(env).map(([name, value]) => `${name}=${value}`);
}

let upToDate: TestDatabase;
beforeAll(async () => {
  upToDate = await createDatabase();
  await runMigrations({ databaseUrl: upToDate.url });
});

describe.skipIf(!hasScript)('on a terminal (needs script of util-linux)', () => {
  test('there are colours, and none with NO_COLOR or where stdout goes elsewhere', async () => {
    const { stdout: coloured } = await onTerminal(['status'], upToDate.url);
    expect(coloured).toContain(`${GREEN}ready`);
    const { stdout: plain } = await onTerminal(['status'], upToDate.url, {
      env: { NO_COLOR: '1', FORCE_COLOR: '1' },
    });
    expect(plain).toContain('ready: ');
    expect(plain).not.toContain(ESCAPE);
    const { stdout: piped } = await onTerminal(['status'], upToDate.url, { pipe: '| cat' });
    expect(piped).toContain('ready: ');
    expect(piped).not.toContain(ESCAPE);
  });

  test('a spinner shows what is under way, and gives the cursor back', async () => {
    const db = await createDatabase();
    const { stdout: shown } = await onTerminal(['up', '--count', '2'], db.url);
    expect(shown).toContain(HIDE_CURSOR);
    expect(shown).toMatch(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/);
    expect(shown).toMatch(/✔.* 2\/2 up 20261128100100000_create-visitors/);
    expect(shown).toContain('2 migrations applied');
    expect(shown.lastIndexOf(SHOW_CURSOR)).toBeGreaterThan(shown.lastIndexOf(HIDE_CURSOR));
  });

  test('there is no spinner with --json, in CI, or on a dumb terminal', async () => {
    for (const [args, env] of [
      [['up', '--json'], {}],
      [['up'], { CI: 'true' }],
      [['up'], { TERM: 'dumb' }],
    ] as const) {
      const { stdout: shown } = await onTerminal(args, upToDate.url, { env });
      expect(shown).toMatch(/in place|alreadyApplied/);
      expect(shown).not.toContain(HIDE_CURSOR);
    }
  });

  test('an error has colours, too, and comes after the spinner', async () => {
    const { stdout: shown } = await onTerminal(['up', '--schema', 'nowhere'], upToDate.url);
    expect(shown).toContain(`${ESCAPE}31merror:`);
    expect(shown.indexOf('error:')).toBeGreaterThan(shown.indexOf(SHOW_CURSOR));
  });

  test('Ctrl-C ends the wait for another migrator, and gives the cursor back', async () => {
    const db = await createDatabase();
    const folder = mkdtempSync(join(tmpdir(), 'tracking-schema-terminal-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const now = join(folder, 'now');
    await withClient(db.url, async (migrator) => {
      await migrator.query('BEGIN; SELECT pg_advisory_xact_lock(7241865325823964)');
      const running = onTerminal(['up'], db.url, {
        keys: `until [ -e '${now}' ]; do sleep 0.1; done; sleep 3; printf '\\003'; sleep 1`,
      });
      await untilSession(db, "query NOT LIKE '%pg_advisory_xact_lock%'");
      writeFileSync(now, '');
      const { code, stdout } = await running;
      expect(stdout).toContain('waiting for another migrator');
      expect(stdout).toContain('(ABORTED)');
      expect(stdout.lastIndexOf(SHOW_CURSOR)).toBeGreaterThan(stdout.lastIndexOf(HIDE_CURSOR));
      expect(code).toBe(130);
    });
  });
});
