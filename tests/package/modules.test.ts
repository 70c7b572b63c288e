import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { migrations } from '../../src/schema/migrations.ts';
import { createDatabase } from '../support/database.ts';
import { install, type Project, RECORDER } from './installed.ts';

const MIGRATE = `.then(({ ran, alreadyApplied }) => {
  console.log(JSON.stringify({ ran: ran.length, alreadyApplied: alreadyApplied.length }));
});
`;

const all = migrations.length;
const output = (ran: number, alreadyApplied: number) =>
  `${JSON.stringify({ ran, alreadyApplied })}\n`;

let project: Project;

beforeAll(async () => {
  project = await install('pg');
  project.write(
    'main.mjs',
    `import { runMigrations } from 'conversion-tracking-schema';\nrunMigrations()${MIGRATE}`,
  );
  project.write(
    'main.cjs',
    `const { runMigrations } = require('conversion-tracking-schema');\nrunMigrations()${MIGRATE}`,
  );
  project.write('recorder.mjs', RECORDER);
});

test.each(['main.mjs', 'main.cjs'])(
  'an application migrates its database from %s, and then has nothing to do',
  async (file) => {
    const env = { DATABASE_URL: (await createDatabase()).url };
    const first = await project.run('node', [file], env);
    expect(first.stdout).toBe(output(all, 0));
    const second = await project.run('node', [file], env);
    expect(second).toEqual({ code: 0, stdout: output(0, all), stderr: '' });
  },
);

test.each(['node-pg-migrate.config.js', 'package.json'])(
  '%s can be resolved by name, and no internal module can',
  async (file) => {
    const script = `import { createRequire } from 'node:module';
    const { resolve } = createRequire(import.meta.url);
    console.log(resolve('conversion-tracking-schema/${file}'));
    try { resolve('conversion-tracking-schema/dist/src/lock.js'); } catch ({ code }) { console.log(code); }`;
    const { stdout } = await project.run('node', ['--input-type=module', '-e', script]);
    const [path, code] = stdout.split('\n');
    expect(path?.endsWith(join('node_modules', 'conversion-tracking-schema', file))).toBe(true);
    expect(code).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED');
  },
);

test('every class and function is called in the package as it is exported', async () => {
  // Errors take their name from their class; what is put into one file may be renamed there.
  const script = `for (const entry of ['', '/queue']) {
    const exported = Object.entries(await import('conversion-tracking-schema' + entry));
    const functions = exported.filter(([, value]) => typeof value === 'function');
    console.log(functions.length, functions.filter(([name, value]) => value.name !== name));
  }`;
  const { stdout } = await project.run('node', ['--input-type=module', '-e', script]);
  expect(stdout).toMatch(/^[1-9]\d* \[\]\n[1-9]\d* \[\]\n$/);
});

/** Modules that a script loads with this database. */
async function modulesLoaded(url: string, script = 'main.mjs'): Promise<readonly string[]> {
  project.write('loaded.txt', '');
  const args = ['--import', './recorder.mjs', script];
  const { code, stderr } = await project.run('node', args, { DATABASE_URL: url });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return readFileSync(join(project.folder, 'loaded.txt'), 'utf8').trim().split('\n');
}

/** node-pg-migrate and the migrations are in files of the package; each part says where it is from. */
const isCostly = (module: string) =>
  module.includes('/dist/') &&
  /^\/\/ (.*node_modules\/node-pg-migrate|migrations)\//m.test(
    readFileSync(new URL(module), 'utf8'),
  );

test('only a run with something to apply loads node-pg-migrate and the migrations, from few files', async () => {
  const { url } = await createDatabase();
  const first = await modulesLoaded(url);
  const costly = first.filter(isCostly).length;
  expect(costly).toBeGreaterThan(0);
  expect(costly).toBeLessThan(5);
  expect(first.filter((module) => module.includes('/node_modules/node-pg-migrate/'))).toEqual([]);

  const second = await modulesLoaded(url);
  const own = second.filter((module) => module.includes('/conversion-tracking-schema/dist/'));
  expect(own.filter((module) => module.endsWith('/dist/src/index.js'))).toHaveLength(1);
  expect(own).toHaveLength(2);
  expect(second.some((module) => module.includes('/node_modules/pg/'))).toBe(true);
  expect(second.filter(isCostly)).toEqual([]);
});

test('what the package has taken from node-pg-migrate comes with its license', async () => {
  const loaded = (await modulesLoaded((await createDatabase()).url)).filter(isCostly);
  const folder = join(project.folder, 'node_modules', 'node-pg-migrate');
  const license = readFileSync(join(folder, 'LICENSE'), 'utf8').trim();
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const taken = loaded
    .map((module) => readFileSync(new URL(module), 'utf8'))
    .filter((text) =>
      /^\/\/ .*node_modules\/node-pg-migrate\/.*\/migration(Builder)?\.js$/m.test(text),
    );
  expect(taken.length).toBeGreaterThan(0);
  for (const text of taken) expect(text).toContain(`node-pg-migrate ${version}\n\n${license}`);
});

test('no module has import.meta, which Jest does not accept where Babel compiles it to CommonJS', () => {
  const dist = join(project.folder, 'node_modules', 'conversion-tracking-schema', 'dist');
  const modules = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.js'),
  );
  expect(modules).toContain(join('src', 'index.js'));
  const text = (file: string) => readFileSync(join(dist, file), 'utf8');
  expect(modules.filter((file) => text(file).includes('import.meta'))).toEqual([]);
});

test('a plan with nothing pending loads neither, and one with something pending both', async () => {
  const { url } = await createDatabase();
  project.write(
    'plan.mjs',
    `import { planMigrations } from 'conversion-tracking-schema';\nawait planMigrations();\n`,
  );
  expect((await modulesLoaded(url, 'plan.mjs')).filter(isCostly)).not.toEqual([]);
  await modulesLoaded(url);
  expect((await modulesLoaded(url, 'plan.mjs')).filter(isCostly)).toEqual([]);
});
