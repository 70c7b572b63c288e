import { existsSync, readdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { install } from '../package/installed.ts';
import { createDatabase } from '../support/database.ts';
import { readGuide } from '../support/guide.ts';
import { needTool, programOf } from '../support/tools.ts';

needTool('jest');

const TEST = `
import { runMigrations } from 'conversion-tracking-schema';
import { trackingQueue } from 'conversion-tracking-schema/queue';
import pg from 'pg';

test('migrates, and records a visit', async () => {
  const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
  expect((await runMigrations({ dbClient: pool })).ran).not.toEqual([]);
  expect((await trackingQueue(pool).upsertVisitor({ visitor_id: 'v' })).is_new).toBe(true);
  await pool.end();
});
`;

test('Jest runs a first install in CommonJS, with the configuration of the guide', async () => {
  const project = await install('pg');
  const tools = dirname(dirname(dirname(programOf('jest'))));
  for (const name of readdirSync(tools)) {
    const link = join(project.folder, 'node_modules', name);
    if (!existsSync(link)) symlinkSync(join(tools, name), link, 'junction');
  }
  const guide = readGuide('docs/troubleshooting.md');
  const [config = ''] = guide.blocks('js', 'TypeScript and Jest');
  project.write('jest.config.cjs', config);
  project.write('install.test.js', TEST);
  const env = { DATABASE_URL: (await createDatabase()).url };
  const jest = [programOf('jest'), '--ci', '--testTimeout=60000'];
  const { code, stderr } = await project.run('node', jest, env);
  expect([code, stderr]).toEqual([0, expect.stringContaining('1 passed')]);
});
