import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ERROR_CODES, FINDINGS, PREFLIGHT_CODES, runMigrations } from '../../src/index.ts';
import { migrations } from '../../src/migrations.ts';
import { resolveOptions } from '../../src/settings.ts';
import { withClient } from '../support/database.ts';
import { useEmbeddedServer } from '../support/own-server.ts';

const GUIDE = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');

/** A section's text, without its heading. */
function section(heading: string): string {
  const [, text = ''] = GUIDE.split(`\n## ${heading}\n`);
  return text.split('\n## ')[0] ?? '';
}

/** The cells of a section's table, without its head. */
function table(heading: string): string[][] {
  return section(heading)
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

describe('the operations guide', () => {
  test('has every error code, with its cause and its remedy', () => {
    const rows = table('Error codes');
    expect(rows.map(([code]) => code)).toEqual(ERROR_CODES.map((code) => `\`${code}\``));
    for (const [, cause, remedy] of rows) expect([cause, remedy]).not.toContain('');
  });

  test('has every preflight code, with its cause and its remedy', () => {
    const rows = table('Preflight codes');
    expect(rows.map(([code]) => code)).toEqual(PREFLIGHT_CODES.map((code) => `\`${code}\``));
    for (const [, cause, remedy] of rows) expect([cause, remedy]).not.toContain('');
  });

  test('has every finding code, with its level, its cause and its remedy', () => {
    const rows = table('Finding codes');
    const levels = Object.entries(FINDINGS).map(([code, level]) => [`\`${code}\``, level]);
    expect(rows.map(([code, level]) => [code, level])).toEqual(levels);
    for (const [, , cause, remedy] of rows) expect([cause, remedy]).not.toContain('');
  });

  test('has the defaults of the budgets', () => {
    const settings: object = resolveOptions({ databaseUrl: 'postgres://localhost/x' });
    for (const [option = '', fallback = ''] of table('Budgets').slice(0, 4)) {
      const name = option.replaceAll('`', '');
      const value: unknown = Reflect.get(settings, name);
      expect([name, value]).toEqual([name, Number.parseInt(fallback.replaceAll(',', ''), 10)]);
    }
  });

  test('has roles that can do what they are for, and no more', async () => {
    // A server of its own: roles belong to the whole server, and these have plain names.
    const { url } = await useEmbeddedServer();
    const [migrator = '', application = '', probe = ''] = [
      ...section('Roles').matchAll(/```sql\n([\s\S]*?)```/g),
    ].map(([, sql]) => sql);
    const as = (role: string) => {
      const other = new URL(url);
      other.username = role;
      other.password = 'change me';
      return other.href;
    };
    await withClient(url, async (admin) => {
      await admin.query('CREATE TABLE leads (id uuid PRIMARY KEY DEFAULT gen_random_uuid())');
      await admin.query('INSERT INTO leads DEFAULT VALUES');
      await admin.query(migrator);
      await admin.query(application);
    });
    const { ran } = await runMigrations({ databaseUrl: as('tracking_migrator') });
    expect(ran).toHaveLength(migrations.length);
    await withClient(url, (admin) => admin.query(probe));

    for (const role of ['tracking_app', 'tracking_probe']) {
      const { alreadyApplied } = await runMigrations({ databaseUrl: as(role) });
      expect(alreadyApplied).toHaveLength(migrations.length);
    }
    await withClient(as('tracking_app'), async (app) => {
      await app.query("INSERT INTO visitors (visitor_id) VALUES ('v')");
      expect((await app.query('SELECT visitor_id FROM visitors')).rows).toEqual([
        { visitor_id: 'v' },
      ]);
      await expect(app.query('DROP TABLE visitors')).rejects.toMatchObject({ code: '42501' });
    });
    await withClient(as('tracking_probe'), async (client) => {
      await expect(client.query('SELECT FROM visitors')).rejects.toMatchObject({ code: '42501' });
      expect((await client.query('SELECT FROM tracking_migrations')).rows).toEqual([]);
    });
  });
});
