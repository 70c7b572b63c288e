import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { runMigrations } from '../../src/index.ts';
import { install, type Project } from '../package/installed.ts';
import { createDatabase } from '../support/database.ts';
import { readGuide } from '../support/guide.ts';

const guide = readGuide('docs/click-to-conversion.md');

let project: Project;
beforeAll(async () => {
  project = await install('pg');
  for (const block of guide.blocks('js')) {
    const [, file = 'unnamed.mjs'] = /^\/\/ (\S+)$/m.exec(block) ?? [];
    project.write(file, block);
  }
}, 180_000);

test('the guide follows a visitor from the click to the queue, with a repeated report of the CRM', async () => {
  const db = await createDatabase();
  await runMigrations({ databaseUrl: db.url });
  const [columns = '', followed = '', ...others] = guide.blocks('sql');
  expect(others).toEqual([]);
  await db.query(columns);
  project.write(
    'main.mjs',
    `import { onDealChanged } from './crm.mjs';
     import { createLead } from './leads.mjs';
     import { pool } from './pool.mjs';
     import { recordVisit } from './visits.mjs';
     const page = (url, init) => new Request('https://shop.example' + url, init);
     const cookie = await recordVisit(page('/offer?gclid=Cj0&utm_source=google'), '203.0.113.7');
     const headers = { cookie: 'theme=dark; ' + cookie.split(';')[0] };
     await recordVisit(page('/pricing', { headers }), '203.0.113.7');
     const body = new URLSearchParams({ email: 'jane@example.com' });
     const leadId = await createLead(page('/contact', { method: 'POST', headers, body }));
     const deal = { id: 'D-1', leadId, stage: 'closed', amount: 250, currency: 'EUR', changedAt: new Date(), consent: 'granted' };
     const first = await onDealChanged(deal);
     const second = await onDealChanged(deal);
     console.log(cookie, first.is_new, second.is_new);
     await pool.end();`,
  );
  const env = { DATABASE_URL: db.url, IP_HASH_KEY: randomUUID() };
  const { code, stdout, stderr } = await project.run('node', ['main.mjs'], env);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^visitor=[\da-f-]{36}; Max-Age=7776000; .*HttpOnly.* true false\n$/);
  expect(await db.query(followed)).toEqual([
    expect.objectContaining({ gclid: 'Cj0', conversion_value: '250.00', status: 'pending' }),
  ]);
  expect(await db.query('SELECT landing_page, utm_source FROM visitors')).toEqual([
    { landing_page: 'https://shop.example/offer', utm_source: 'google' },
  ]);
  const corrections = [...guide.text.matchAll(/`((?:UPDATE|DELETE) [^`]*)`/g)];
  const [[, change = ''] = [], [, remove = ''] = [], ...more] = corrections;
  expect(more).toEqual([]);
  await db.query(change);
  expect(await db.query(followed)).toMatchObject([{ conversion_value: '300.00' }]);
  await db.query(remove);
  expect(await db.query('SELECT FROM conversion_queue')).toEqual([]);
});
