import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { migrations } from '../../src/schema/migrations.ts';
import { createDatabase } from '../support/database.ts';
import { install } from './installed.ts';

test('the oldest pg that the package accepts is enough', async () => {
  const project = await install('pg');
  const installed = join(
    project.folder,
    'node_modules',
    'conversion-tracking-schema',
    'package.json',
  );
  const { peerDependencies } = JSON.parse(readFileSync(installed, 'utf8'));
  const oldest = String(peerDependencies.pg).replace('^', '');
  const added = await project.run('npm', ['install', '--no-audit', '--no-fund', `pg@${oldest}`]);
  expect(added.code).toBe(0);
  project.write(
    'boot.mjs',
    `import pg from 'pg';
     import { runMigrations } from 'conversion-tracking-schema';
     const client = new pg.Client(process.env.DATABASE_URL);
     await client.connect();
     const first = await runMigrations({ dbClient: client });
     await client.query('BEGIN');
     const { code } = await runMigrations({ dbClient: client }).catch((error) => error);
     await client.query('ROLLBACK');
     await client.end();
     const second = await runMigrations();
     const { version } = (await import('pg/package.json', { with: { type: 'json' } })).default;
     console.log(JSON.stringify([version, first.ran.length, code, second.alreadyApplied.length]));`,
  );
  const db = await createDatabase();
  const { stdout, stderr } = await project.run('node', ['boot.mjs'], { DATABASE_URL: db.url });
  expect(stderr.replace(/^.*ExperimentalWarning.*\n.*\n/m, '')).toBe('');
  const count = migrations.length;
  expect(JSON.parse(stdout)).toEqual([oldest, count, 'CLIENT_IN_TRANSACTION', count]);
}, 180_000);
