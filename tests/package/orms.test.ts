import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { readGuide } from '../support/guide.ts';
import { emptyQueueDatabase } from '../support/queue.ts';
import { type Project, RECORDER, unpack } from './installed.ts';

const guide = readGuide('docs/orms.md');

/** The snippets of a section in TypeScript, by the file that each is written to. */
function write(heading: string, ...files: readonly string[]): void {
  const found = guide.blocks('ts', heading);
  expect([heading, found.length]).toEqual([heading, files.length]);
  files.forEach((file, index) => {
    project.write(file, found[index] ?? '');
  });
}

const OPTIONS = {
  target: 'es2023',
  module: 'nodenext',
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  // Drizzle's own declarations need every database's client.
  skipLibCheck: true,
  noEmitOnError: true,
};

let project: Project;
beforeAll(async () => {
  project = await unpack();
  const files = ['drizzle.mts', 'sequence.mts', 'kysely.mts'];
  write('Drizzle', 'drizzle.mts', 'sequence.mts');
  write('Kysely', 'kysely.mts');
  project.write('tsconfig.json', JSON.stringify({ compilerOptions: OPTIONS, files }));
}, 180_000);

describe('the guide to ORMs', () => {
  test('has TypeScript that compiles strictly, and runs', async () => {
    const compiled = await project.run('node', ['node_modules/typescript/bin/tsc']);
    expect(compiled).toMatchObject({ code: 0, stdout: '' });
    const { db, queue, record } = await emptyQueueDatabase();
    await record(2);
    await db.query("UPDATE conversions SET utm_campaign = 'spring', conversion_value = 10.5");
    const [{ id, lease_id } = { id: '', lease_id: '' }] = await queue.claimConversions({
      limit: 1,
    });
    await queue.failConversions({
      ids: [id],
      lease_id,
      error: 'no',
      error_code: 'EXPIRED',
      permanent: true,
    });
    const run = async (file: string) => {
      const { code, stdout, stderr } = await project.run('node', [file], { DATABASE_URL: db.url });
      expect([code, stderr]).toEqual([0, '']);
      return stdout;
    };
    expect(await run('drizzle.mjs')).toBe('D-1:closed: EXPIRED\n');
    expect(await run('kysely.mjs')).toBe('spring: 21.00\n');
  });
});

test('nothing but the module for Drizzle loads Drizzle', async () => {
  project.write('recorder.mjs', RECORDER);
  const loaded = async (...names: readonly string[]) => {
    project.write('loaded.txt', '');
    project.write('main.mjs', names.map((name) => `import '${name}';\n`).join(''));
    const { code } = await project.run('node', ['--import', './recorder.mjs', 'main.mjs']);
    expect(code).toBe(0);
    return readFileSync(`${project.folder}/loaded.txt`, 'utf8').match(
      /node_modules\/(drizzle-orm|kysely)\//g,
    );
  };
  const name = 'conversion-tracking-schema';
  expect(await loaded(`${name}/drizzle`)).toContain('node_modules/drizzle-orm/');
  const others = [name, `${name}/queue`, `${name}/types`, `${name}/kysely`];
  expect(await loaded(...others)).toBeNull();
});
