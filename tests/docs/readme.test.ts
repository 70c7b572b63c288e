import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { install, type Project } from '../package/installed.ts';
import { createDatabase } from '../support/database.ts';
import { readGuide } from '../support/guide.ts';

const readme = readGuide('README.md');

describe('the README', () => {
  let project: Project;
  beforeAll(async () => {
    project = await install('pg');
  }, 180_000);

  test('has snippets of the languages that are executed here, and of no other', () => {
    const languages = [...readme.text.matchAll(/^```(\w+)$/gm)].map(([, language]) => language);
    expect(new Set(languages)).toEqual(new Set(['sh', 'js', 'text']));
  });

  test('has a quickstart that prints what the README says', async () => {
    const db = await createDatabase();
    const [quickstart = '', ...others] = readme.blocks('js');
    project.write('quickstart.mjs', quickstart);
    const env = { DATABASE_URL: db.url };
    const { code, stdout, stderr } = await project.run('node', ['quickstart.mjs'], env);
    expect([code, stderr]).toEqual([0, '']);
    expect([stdout.trim()]).toEqual(readme.blocks('text'));
    expect(others).toEqual([]);
  });

  test('has commands that work: those of an application in an application, those of a checkout in CI', async () => {
    const ci = readFileSync(new URL('../../.ci/run', import.meta.url), 'utf8');
    const db = await createDatabase();
    const outcomes = [
      /^\d+ migrations applied in/,
      /^No migrations to run!\nMigrations complete!$/m,
    ];
    for (const command of readme.blocks('sh')) {
      if (command === 'npm install conversion-tracking-schema pg') continue; // installed above, from the tarball
      if (/^npm ci && npm (start|test)$/.test(command)) {
        expect(ci).toContain(command.replace('npm ci && ', ''));
        continue;
      }
      const { code, stdout } = await project.run('sh', ['-c', command], { DATABASE_URL: db.url });
      expect([command, code]).toEqual([command, 0]);
      // The first one migrates; the others find that it has.
      expect(stdout).toMatch(outcomes.shift() ?? /an outcome for every command/);
    }
    expect(outcomes).toEqual([]);
    expect(await db.query('SELECT FROM tracking_migrations')).not.toEqual([]);
  });
});
