import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { Interruption } from '../../src/cli/interruption.ts';
import { runCommandLine } from '../../src/cli/run-command-line.ts';
import { createDatabase, createRole } from '../support/database.ts';
import { inChild, inProcess } from './cli.ts';

const SECRET = 'corr3ct-horse/b@ttery';
const SPELLED = encodeURIComponent(SECRET);

function expectNoSecret(...texts: string[]): void {
  for (const spelling of [SECRET, SPELLED, 'b@ttery', 'corr3ct']) {
    expect(texts.join('\n')).not.toContain(spelling);
  }
}

describe('a password', () => {
  test.each([
    ['an unreachable host', `postgres://app:${SPELLED}@127.0.0.1:1/shop`, 'CONNECTION_FAILED'],
    ['an unknown host', `postgres://app:${SPELLED}@nowhere.invalid/shop`, 'CONNECTION_FAILED'],
    ['an unescaped password', `postgres://app:${SECRET}@localhost/shop`, 'INVALID_OPTION'],
    ['an invalid port', `postgres://app:${SPELLED}@localhost:port/shop`, 'INVALID_OPTION'],
    ['another scheme', `mysql://app:${SPELLED}@localhost/shop`, 'INVALID_OPTION'],
  ])('is not shown with %s', async (_, url, code) => {
    for (const args of [[], ['--json']]) {
      const {
        code: exitCode,
        stdout,
        stderr,
      } = await inProcess('status', '--database-url', url, ...args);
      expect(exitCode).toBe(2);
      expect(stdout + stderr).toContain(code);
      expectNoSecret(stdout, stderr);
    }
  });

  test('is not shown when the server refuses it, as an argument or in the environment', async () => {
    const db = await createDatabase();
    const role = await createRole();
    const url = db.urlFor(role.name, SECRET);
    const asArgument = await inProcess('up', '--database-url', url);
    const fromEnvironment = await inChild(['up'], { DATABASE_URL: url });
    const { hostname, port } = new URL(url);
    const inParts = await inChild(['up'], {
      DATABASE_URL: '',
      PGHOST: hostname,
      PGPORT: port,
      PGUSER: role.name,
      PGPASSWORD: SECRET,
      PGDATABASE: db.name,
    });
    for (const { code, stdout, stderr } of [asArgument, fromEnvironment, inParts]) {
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toContain('AUTHENTICATION_FAILED');
      expectNoSecret(stderr);
    }
  });

  test.each([
    [['status', `postgres://app:${SECRET}@localhost/shop`]],
    [[`postgres://app:${SECRET}@localhost/shop`]],
    [['status', `--url=postgres://app:${SECRET}@localhost/shop`]],
    [['up', '--target', `postgres://app:${SECRET}@localhost/shop`]],
    [['up', '--count', `postgres://app:${SECRET}@localhost/shop`]],
    [['sql', '--format', `postgres://app:${SECRET}@localhost/shop`]],
    [['status', '--env-file', `postgres://app:${SECRET}@localhost/shop`]],
  ])('is not shown when a URL is given in place of another value', async (args) => {
    for (const more of [[], ['--json']]) {
      const { code, stdout, stderr } = await inProcess(...args, ...more);
      expect(code).toBe(2);
      expect(stdout + stderr).not.toBe('');
      expectNoSecret(stdout, stderr);
    }
  });

  test('is not shown in an unexpected error', async () => {
    let stderr = '';
    const url = `postgres://app:${SPELLED}@127.0.0.1/shop`;
    vi.stubEnv('DATABASE_URL', url);
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    const code = await runCommandLine(['sql'], {
      stdout: {
        write: () => {
          throw new TypeError(`cannot write ${url} with the password ${SECRET}`);
        },
      },
      stderr: { write: (text) => (stderr += text) },
      interruption: new Interruption(() => {}),
    });
    expect(code).toBe(2);
    expect(stderr).toContain('TypeError: cannot write postgres://***@127.0.0.1/shop');
    expect(stderr).toContain('(UNEXPECTED)');
    expectNoSecret(stderr);
  });
});
