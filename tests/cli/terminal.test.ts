import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import {
  createDatabase,
  createMigratedDatabase,
  type TestDatabase,
  withClient,
} from '../support/database.ts';
import { run } from '../support/process.ts';
import { untilSession } from '../support/sessions.ts';
import { MAIN } from './cli.ts';

const hasScript = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes(
  'util-linux',
);
const ESCAPE = '\u001b[';
// biome-ignore lint/suspicious/noControlCharactersInRegex: terminals take them
const COLOR = /\u001b\[[1-9]\d*m/;
const GREEN = `${ESCAPE}32m`;
const HIDE_CURSOR = `${ESCAPE}?25l`;
const SHOW_CURSOR = `${ESCAPE}?25h`;

interface Terminal {
  readonly env?: NodeJS.ProcessEnv;
  /** Appended to the command. */
  readonly pipe?: string;
  /** A shell command whose output is typed into the terminal. */
  readonly keys?: string;
}

/** Runs the command line on a pseudo-terminal; stdout is what the terminal shows. */
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
  upToDate = await createMigratedDatabase();
});

describe.skipIf(!hasScript)('on a terminal (needs script of util-linux)', () => {
  test('prints colors, but not with NO_COLOR, FORCE_COLOR=0, TERM=dumb or into a pipe', async () => {
    const { stdout: colored } = await onTerminal(['status'], upToDate.url);
    expect(colored).toContain(`${GREEN}ready`);
    for (const env of [
      { NO_COLOR: '1', FORCE_COLOR: '1' },
      { FORCE_COLOR: '0' },
      { TERM: 'dumb' },
    ]) {
      const { stdout: plain } = await onTerminal(['status'], upToDate.url, { env });
      expect(plain).toContain('ready: ');
      expect(plain).not.toMatch(COLOR);
    }
    const { stdout: piped } = await onTerminal(['status'], upToDate.url, {
      env: { FORCE_COLOR: '1' },
      pipe: '| cat',
    });
    expect(piped).toContain('ready: ');
    expect(piped).not.toContain(`${GREEN}ready`);
  });

  test('shows a spinner during a run, and restores the cursor', async () => {
    const db = await createDatabase();
    const { stdout: shown } = await onTerminal(['up', '--count', '2'], db.url);
    expect(shown).toContain(HIDE_CURSOR);
    expect(shown).toMatch(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/);
    expect(shown).toMatch(/✔.* 2\/2 up 20261128100100000_create-visitors/);
    expect(shown).toContain('2 migrations applied');
    expect(shown.lastIndexOf(SHOW_CURSOR)).toBeGreaterThan(shown.lastIndexOf(HIDE_CURSOR));
  });

  test.each(['status', 'verify', 'fix-access'])(
    'shows a spinner while %s connects',
    async (command) => {
      const { stdout: shown } = await onTerminal([command], upToDate.url);
      expect(shown).toContain('connecting');
      expect(shown.lastIndexOf(SHOW_CURSOR)).toBeGreaterThan(shown.lastIndexOf(HIDE_CURSOR));
    },
  );

  test('down --count all asks for confirmation, but not with --yes', async () => {
    const db = await createDatabase(upToDate);
    const down = ['down', '--count', 'all'];
    const no = await onTerminal(down, db.url, { keys: 'sleep 1; echo no; sleep 1' });
    expect(no.stdout).toContain('Roll back all migrations? Type yes to continue: ');
    expect(no.stdout).toContain('The rollback was not confirmed. Nothing was changed.');
    expect(no.code).toBe(2);
    const yes = await onTerminal(down, db.url, { keys: 'sleep 1; echo yes; sleep 1' });
    expect(yes.stdout).toContain('migrations rolled back in');
    const flag = await onTerminal([...down, '--yes'], db.url);
    expect(flag.stdout).toContain('Nothing to run');
    expect(flag.stdout).not.toContain('Type yes');
  });

  test('shows no spinner with --json, in CI or on a dumb terminal', async () => {
    for (const [args, env] of [
      [['up', '--json'], {}],
      [['up'], { CI: 'true' }],
      [['up'], { TERM: 'dumb' }],
    ] as const) {
      const { stdout: shown } = await onTerminal(args, upToDate.url, { env });
      expect(shown).toMatch(/Nothing to run|alreadyApplied/);
      expect(shown).not.toContain(HIDE_CURSOR);
    }
  });

  test('prints an error in color after the spinner', async () => {
    const { stdout: shown } = await onTerminal(['up', '--schema', 'nowhere'], upToDate.url);
    expect(shown).toContain(`${ESCAPE}31merror:`);
    expect(shown.indexOf('error:')).toBeGreaterThan(shown.indexOf(SHOW_CURSOR));
  });

  test('stops waiting for the migration lock on Ctrl-C, and restores the cursor', async () => {
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
      expect(stdout).toContain('waiting for the migration lock');
      expect(stdout).toContain('(ABORTED)');
      expect(stdout.lastIndexOf(SHOW_CURSOR)).toBeGreaterThan(stdout.lastIndexOf(HIDE_CURSOR));
      expect(code).toBe(130);
    });
  });
});
