import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { migrations } from '../../src/schema/migrations.ts';
import { createDatabase } from '../support/database.ts';
import { needTool } from '../support/tools.ts';
import { APPLICATION, told } from './application.ts';
import { type InstalledApplication, installApplication } from './installed-application.ts';
import { hasNode, INSTALL_NODES, nodeFolder } from './node-versions.ts';
import type { PackageManager } from './package-managers.ts';

const SCHEMA = 'conversion-tracking-schema';
const GUIDE = new URL('../../docs/other-tools.md', import.meta.url);

/** The file that the guide to other tools has an application without node_modules write. */
function settingsOfTheGuide(): string {
  const [, file = ''] =
    /`migrate\.config\.mjs`:\n\n```js\n(.*?)```/s.exec(readFileSync(GUIDE, 'utf8')) ?? [];
  return file;
}

const TSCONFIG = {
  compilerOptions: {
    target: 'es2023',
    module: 'nodenext',
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmitOnError: true,
    outDir: 'out',
  },
  files: ['application.mts', 'application.cts'],
};

/** Which pg the application, the package and node-pg-migrate get: another one's pools are not theirs. */
const RESOLVE_PG = `
const { createRequire } = require('node:module');
const schema = createRequire(require.resolve('${SCHEMA}/package.json'));
const migrator = createRequire(schema.resolve('node-pg-migrate'));
console.log(new Set([require, schema, migrator].map(({ resolve }) => resolve('pg'))).size);
try { require('commander'); } catch ({ code }) { console.log(code); }
`;

/** The tests of what an application does with the package. */
export function describeEnvironment(manager: PackageManager): void {
  describe(`an application with ${manager.name}`, () => {
    const present = manager.tool === undefined || needTool(manager.tool);
    let application: InstalledApplication;
    beforeAll(async () => {
      if (present) application = await installApplication(manager);
    }, 180_000);

    test('installs the package without a word about peers', () => {
      const { code, stdout, stderr } = application.installed;
      expect([code, stdout, stderr]).toEqual([
        0,
        expect.not.stringMatching(/peer/i),
        expect.not.stringMatching(/peer/i),
      ]);
    });

    test('has one pg, and as strict a resolution as it should', async () => {
      application.write('resolve-pg.cjs', RESOLVE_PG);
      const { stdout } = await application.run('node', ['resolve-pg.cjs']);
      expect(stdout).toBe(manager.strict ? '1\nMODULE_NOT_FOUND\n' : '1\n');
      expect(existsSync(join(application.folder, 'node_modules', SCHEMA))).toBe(
        manager.hasNodeModules,
      );
    });

    test('compiles an application strictly, and runs it', async () => {
      application.write('application.mts', APPLICATION);
      application.write('application.cts', APPLICATION);
      application.write('tsconfig.json', JSON.stringify(TSCONFIG));
      expect(await application.run('exec', ['tsc', '-p', '.'])).toMatchObject({
        code: 0,
        stdout: '',
      });
      const env = { DATABASE_URL: (await createDatabase()).url };
      const { stdout } = await application.run('node', ['out/application.mjs'], env);
      expect(stdout).toBe(told('empty'));
    });

    test('runs the same as CommonJS, on a Node that can', async (context) => {
      const { commonJsFrom = 0 } = manager;
      const [own = 0] = process.versions.node.split('.').map(Number);
      if (own < commonJsFrom && !hasNode(`${commonJsFrom}`)) {
        context.skip(`Node ${commonJsFrom} is missing. ${INSTALL_NODES}`);
      }
      const { PATH } = process.env;
      const env = {
        DATABASE_URL: (await createDatabase()).url,
        ...(own < commonJsFrom ? { PATH: `${nodeFolder(`${commonJsFrom}`)}:${PATH}` } : {}),
      };
      const { stdout } = await application.run('node', ['out/application.cjs'], env);
      expect(stdout).toBe(told('empty'));
    });

    test('runs the command line', async () => {
      const env = { DATABASE_URL: (await createDatabase()).url };
      const before = await application.run('exec', [SCHEMA, 'status'], env);
      expect([before.code, before.stdout]).toEqual([1, expect.stringContaining('\npending: ')]);
      const up = await application.run('exec', [SCHEMA, 'up'], env);
      expect(up.stdout).toMatch(`${migrations.length} migrations applied`);
      const verified = await application.run('exec', [SCHEMA, 'verify', '--json'], env);
      expect(JSON.parse(verified.stdout)).toMatchObject({ ok: true });
    });

    test("migrates with node-pg-migrate's command, and finds that done at boot", async () => {
      const env = { DATABASE_URL: (await createDatabase()).url };
      application.write('migrate.config.mjs', settingsOfTheGuide());
      const file = manager.hasNodeModules
        ? `node_modules/${SCHEMA}/node-pg-migrate.config.js`
        : 'migrate.config.mjs';
      const up = await application.run('exec', ['node-pg-migrate', 'up', '-f', file], env);
      expect([up.code, up.stdout]).toEqual([0, expect.stringContaining('Migrations complete!')]);
      const { stdout } = await application.run('node', ['out/application.mjs'], env);
      expect(stdout).toBe(told('migrated'));
    });
  });
}
