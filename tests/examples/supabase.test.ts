import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { verifySchema } from '../../src/index.ts';
import { hashEmail } from '../../src/queue/index.ts';
import { migrations } from '../../src/schema/migrations.ts';
import { type PostgRest, startPostgRest } from '../support/postgrest.ts';
import { type SupabaseProject, type SupabaseServer, startSupabase } from '../support/supabase.ts';
import { needTool, programOf } from '../support/tools.ts';
import { copyExample, type Example, INSTALL_WITHIN_MS } from './example.ts';
import { start } from './running.ts';

const FUNCTION = 'supabase/functions/crm-deals/index.ts';
const CRM_TOKEN = 'a token of the CRM';

let example: Example;
let server: SupabaseServer;
beforeAll(async () => {
  [example, server] = await Promise.all([copyExample('supabase'), startSupabase()]);
  const [install = ''] = example.commands;
  expect(install).toBe('npm install');
  await example.succeed(install);
}, INSTALL_WITHIN_MS);
afterAll(() => server?.stop());

/** The commands after the install, each with what it has written. */
async function push(project: SupabaseProject): Promise<string[]> {
  const said: string[] = [];
  for (const command of example.commands.slice(1)) {
    const { code, stdout, stderr } = await example.run(command, {
      DATABASE_URL: `${project.url}?sslmode=disable`,
      HOME: example.folder,
      DO_NOT_TRACK: '1',
      SUPABASE_TELEMETRY_DISABLED: '1',
      SUPABASE_NO_UPDATE_NOTIFIER: '1',
    });
    expect([command, code, code === 0 ? '' : stdout + stderr]).toEqual([command, 0, '']);
    said.push(stdout + stderr);
  }
  return said;
}

test('the committed files are those that the package writes, and no others', async () => {
  const [, write = ''] = example.commands;
  const folder = join(example.folder, 'supabase', 'migrations');
  const committed = await readdir(folder);
  const { unchanged, written } = JSON.parse(await example.succeed(`${write} --json`));
  expect(written).toEqual([]);
  expect(unchanged.map((file: string) => join(example.folder, file)).sort()).toEqual(
    committed.map((file) => join(folder, file)).sort(),
  );
  expect(committed).toHaveLength(migrations.length);
});

test.each(['legacy', '2026'] as const)(
  'the folder is pushed to a project with the default privileges of %s, and is right there',
  async (world) => {
    const project = await server.createProject(world);
    const [, pushed, verified] = await push(project);
    expect(pushed?.match(/Applying migration/g)).toHaveLength(migrations.length);
    expect(verified).toMatch(/^ok: the schema matches the migrations/);
    expect(await verifySchema({ databaseUrl: project.url })).toMatchObject({
      ok: true,
      findings: [],
    });
    const [, again] = await push(project);
    expect(again).toContain('Remote database is up to date.');
  },
);

/** Supabase's gateway, as far as it is needed: PostgREST is at /rest/v1. */
async function startGateway(api: PostgRest): Promise<string> {
  const gateway = createServer(async (request, response) => {
    const { authorization = '', 'content-type': type = '' } = request.headers;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const answer = await fetch(api.url + (request.url ?? '').replace(/^\/rest\/v1/, ''), {
      method: request.method ?? 'GET',
      headers: { authorization, 'content-type': type },
      body: Buffer.concat(chunks),
    });
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(await answer.text());
  });
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    gateway.closeAllConnections();
    gateway.close();
  });
  const address = gateway.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

describe('the Edge Function', () => {
  const installed = needTool('deno') && needTool('postgrest');
  let project: SupabaseProject;
  let api: PostgRest;
  let deno: { command: string; env: NodeJS.ProcessEnv };
  beforeAll(async () => {
    if (!installed) return;
    project = await server.createProject('2026');
    await push(project);
    api = await startPostgRest({
      databaseUrl: project.urlFor('authenticator'),
      schemas: ['public'],
    });
    const folder = join(example.folder, '.deno');
    mkdirSync(folder);
    deno = {
      command: `'${process.execPath}' '${programOf('deno')}'`,
      env: { DENO_DIR: folder, DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1' },
    };
  });
  afterAll(() => api?.stop());

  test('passes the type check of Deno', async () => {
    const check = `${deno.command} check --node-modules-dir=manual ${FUNCTION}`;
    await example.succeed(check, deno.env);
  });

  test.each(['service_role', 'anon'] as const)(
    'records a conversion once, with the secret key alone: as %s',
    async (role) => {
      const running = start(
        `${deno.command} run --node-modules-dir=manual --cached-only --allow-net --allow-env ${FUNCTION}`,
        example.folder,
        {
          ...deno.env,
          DENO_SERVE_ADDRESS: 'tcp:127.0.0.1:0',
          SUPABASE_URL: await startGateway(api),
          SUPABASE_SECRET_KEYS: JSON.stringify({ default: api.token(role) }),
          CRM_TOKEN,
        },
      );
      const [, url = ''] = await running.says(/Listening on (http:\/\/[\d.:]+)/);
      const send = async (deal: object | string, token = CRM_TOKEN) => {
        const response = await fetch(url, {
          method: 'POST',
          body: typeof deal === 'string' ? deal : JSON.stringify(deal),
          headers: { authorization: `Bearer ${token}` },
        });
        return { status: response.status, body: await response.json() };
      };
      const [lead] = await project.query<{ id: string }>(
        'INSERT INTO leads DEFAULT VALUES RETURNING id',
      );
      const deal = {
        deal_id: `D-${role}`,
        lead_id: lead?.id,
        stage: 'closed',
        value: 99.9,
        currency: 'CHF',
        happened_at: '2026-11-20T10:00:00+01:00',
        email: 'Jane.Doe@Example.com',
        consent: { ad_user_data: 'granted' },
      };
      const recorded = () =>
        project.query(
          `SELECT conversion_value, conversion_currency, converted_at, email_hash, consent_ad_user_data, q.status
             FROM conversions c JOIN conversion_queue q ON q.conversion_id = c.id WHERE lead_id = $1`,
          [lead?.id],
        );
      if (role === 'anon') {
        expect(await send(deal)).toEqual({ status: 500, body: { error: 'INTERNAL' } });
        expect(await recorded()).toEqual([]);
        return;
      }
      expect(await send(deal, 'another token')).toMatchObject({ status: 401 });
      expect(await send('no JSON')).toMatchObject({ status: 400 });
      expect(await send({ ...deal, email: 'no address' })).toMatchObject({ status: 400 });
      expect(await send({ ...deal, stage: 'won' })).toMatchObject({ status: 400 });
      expect(await send({ ...deal, lead_id: undefined })).toMatchObject({ status: 400 });
      for (const body of ['null', '[]', '"a deal"']) {
        expect([body, await send(body)]).toMatchObject([body, { status: 400 }]);
      }
      expect(await send({ ...deal, currency: 'euro' })).toEqual({
        status: 400,
        body: { error: 'INVALID' },
      });
      expect(await send({ ...deal, lead_id: randomUUID() })).toEqual({
        status: 422,
        body: { error: 'LEAD_NOT_FOUND' },
      });
      expect(await recorded()).toEqual([]);
      const nulls = {
        deal_id: 'D-nulls',
        value: null,
        currency: null,
        happened_at: null,
        email: null,
        visitor_id: null,
        consent: null,
      };
      expect(await send({ ...deal, ...nulls })).toMatchObject({ status: 201 });
      expect(await recorded()).toMatchObject([{ conversion_value: null, email_hash: null }]);
      await project.query('DELETE FROM conversions WHERE lead_id = $1', [lead?.id]);
      expect(await send(deal)).toMatchObject({ status: 201, body: { is_new: true } });
      expect(await send(deal)).toMatchObject({ status: 200, body: { is_new: false } });
      expect(await recorded()).toEqual([
        {
          conversion_value: '99.90',
          conversion_currency: 'CHF',
          converted_at: new Date('2026-11-20T09:00:00Z'),
          email_hash: hashEmail('jane.doe@example.com'),
          consent_ad_user_data: 'granted',
          status: 'pending',
        },
      ]);
    },
  );
});
