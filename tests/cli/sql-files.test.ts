import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exportSql, type SqlFormat } from '../../src/index.ts';
import { createDatabase } from '../support/database.ts';
import { inProcess } from './cli.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracking-schema-sql-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function contents(out: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(out).map((file) => [file, readFileSync(join(out, file), 'utf8')]),
  );
}

async function expected(format: SqlFormat): Promise<Record<string, string>> {
  const files = await exportSql({ format });
  return Object.fromEntries(files.map(({ fileName, sql }) => [fileName, sql]));
}

describe('sql', () => {
  test('prints a script that installs the schema', async () => {
    const { code, stdout, stderr } = await inProcess('sql');
    expect([code, stderr]).toEqual([0, '']);
    expect([stdout]).toEqual(Object.values(await expected('script')));
    const db = await createDatabase();
    await db.query(stdout);
    expect((await inProcess('status', '--database-url', db.url)).code).toBe(0);
  });

  test.each(['supabase', 'numbered', 'script'] as const)(
    'writes files in the format %s into a new folder',
    async (format) => {
      const out = join(folder, format, 'new');
      const { code, stdout } = await inProcess('sql', '--format', format, '--out', out);
      expect(code).toBe(0);
      expect(contents(out)).toEqual(await expected(format));
      for (const file of readdirSync(out))
        expect(stdout).toContain(`written    ${join(out, file)}`);
    },
  );

  test('keeps files with the same content, and writes missing ones', async () => {
    const out = join(folder, 'again');
    await inProcess('sql', '--format', 'numbered', '--out', out);
    const [first = '', second = ''] = readdirSync(out).sort();
    const { mtimeNs } = statSync(join(out, first), { bigint: true });
    rmSync(join(out, second));
    const { code, stdout } = await inProcess('sql', '--format', 'numbered', '--out', out);
    expect(code).toBe(0);
    expect(stdout).toContain(`unchanged  ${join(out, first)}`);
    expect(stdout).toContain(`written    ${join(out, second)}`);
    expect(statSync(join(out, first), { bigint: true }).mtimeNs).toBe(mtimeNs);
    expect(contents(out)).toEqual(await expected('numbered'));
  });

  test('writes nothing if a file has other content, except with --force', async () => {
    const out = join(folder, 'other');
    await inProcess('sql', '--format', 'numbered', '--out', out);
    const [first = '', second = ''] = readdirSync(out).sort();
    rmSync(join(out, first));
    writeFileSync(join(out, second), '-- mine\n');
    const refused = await inProcess('sql', '--format', 'numbered', '--out', out);
    expect([refused.code, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toContain(`other content: ${join(out, second)}. Nothing was written.`);
    expect(existsSync(join(out, first))).toBe(false);
    expect(readFileSync(join(out, second), 'utf8')).toBe('-- mine\n');

    const forced = await inProcess('sql', '--format', 'numbered', '--out', out, '--force');
    expect(forced.code).toBe(0);
    expect(contents(out)).toEqual(await expected('numbered'));
  });

  test('with --check writes nothing, and exits with 1 if a file is missing or differs', async () => {
    const out = join(folder, 'check');
    const check = () => inProcess('sql', '--format', 'numbered', '--out', out, '--check');
    expect((await check()).code).toBe(1);
    expect(existsSync(out)).toBe(false);

    await inProcess('sql', '--format', 'numbered', '--out', out);
    expect((await check()).code).toBe(0);
    const [first = '', second = '', third = ''] = readdirSync(out).sort();
    rmSync(join(out, first));
    writeFileSync(join(out, second), '-- edited\n');
    const { code, stdout } = await check();
    expect(code).toBe(1);
    expect(stdout).toContain(`missing    ${join(out, first)}\n`);
    expect(stdout).toContain(`different  ${join(out, second)}\n`);
    expect(stdout).toContain(`unchanged  ${join(out, third)}\n`);
    expect(readFileSync(join(out, second), 'utf8')).toBe('-- edited\n');
    expect(existsSync(join(out, first))).toBe(false);
  });

  test('refuses to follow a link or to read a pipe', async () => {
    const out = join(folder, 'links');
    mkdirSync(out);
    symlinkSync('../elsewhere.sql', join(out, 'conversion-tracking-schema.sql'));
    const { code, stderr } = await inProcess('sql', '--out', out, '--force');
    expect([code, stderr]).toEqual([2, expect.stringContaining('is not a regular file')]);
    expect(existsSync(join(folder, 'elsewhere.sql'))).toBe(false);
  });

  test('reports a path that cannot be written', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    const { code, stderr } = await inProcess('sql', '--out', file);
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/cannot be read or written \(E\w+\)/),
    ]);
  });
});
