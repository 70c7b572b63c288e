import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { snapshot } from '../support/catalogue.ts';
import { createDatabase } from '../support/database.ts';
import { install, type Project } from './installed.ts';

const ROOT = new URL('../../', import.meta.url);
const README = readFileSync(fileURLToPath(new URL('README.md', ROOT)), 'utf8');

const GUIDE = readFileSync(fileURLToPath(new URL('docs/operations.md', ROOT)), 'utf8');

/** The fenced blocks of one language, in order. */
function blocks(language: string, text = README): string[] {
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
    .filter(([, found]) => found === language)
    .map(([, , inside]) => (inside ?? '').trim());
}

describe('the README', () => {
  let project: Project;
  beforeAll(async () => {
    project = await install('pg');
  }, 180_000);

  test('has snippets of the languages that are executed here, and of no other', () => {
    const languages = [...README.matchAll(/^```(\w+)$/gm)].map(([, language]) => language);
    expect(new Set(languages)).toEqual(new Set(['sh', 'js']));
  });

  test('has JavaScript that runs as it stands', async () => {
    const [first = '', ...others] = blocks('js');
    const line = first.split('\n').find((text) => text.startsWith('import')) ?? '';
    const db = await createDatabase();
    for (const snippet of [first, ...others]) {
      const source = snippet.includes(line) ? snippet : `${line}\n${snippet}`;
      project.write('snippet.mjs', source);
      const env = { DATABASE_URL: db.url };
      const { code, stdout, stderr } = await project.run('node', ['snippet.mjs'], env);
      expect([snippet, code, stderr]).toEqual([snippet, 0, '']);
      if (snippet === first) expect(stdout).toMatch(/^\d+ migrations applied, 0 were there\n$/);
    }
    expect(others.length).toBeGreaterThan(0);
  });

  test('has commands that work: those of a host in a host, those of a checkout in CI', async () => {
    const ci = readFileSync(fileURLToPath(new URL('.ci/run', ROOT)), 'utf8');
    const db = await createDatabase();
    const outcomes = [
      /^\d+ migrations applied in/,
      /^No migrations to run!\nMigrations complete!$/m,
    ];
    for (const command of blocks('sh')) {
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

  test('is followed by a guide whose plan, as it is printed, makes the same database', async () => {
    const [planned, ran] = [await createDatabase(), await createDatabase()];
    const snippet = blocks('js', GUIDE).find((text) => text.includes('planMigrations')) ?? '';
    project.write('plan.mjs', snippet);
    const env = { DATABASE_URL: planned.url };
    const { stdout, stderr } = await project.run('node', ['plan.mjs'], env);
    expect(stderr).toBe('');
    await planned.query(stdout);
    project.write('run.mjs', blocks('js')[0] ?? '');
    await project.run('node', ['run.mjs'], { DATABASE_URL: ran.url });
    expect(await snapshot(planned)).toEqual(await snapshot(ran));
  });
});
