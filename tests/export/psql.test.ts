import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exportSql, runMigrations } from '../../src/index.ts';
import { snapshot } from '../support/catalogue.ts';
import { createDatabase } from '../support/database.ts';
import { runOrThrow } from '../support/process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { needPsql } from '../support/tools.ts';

await needPsql();

test.each([
  { how: 'the script', format: 'script', options: [] },
  { how: 'the script in one transaction', format: 'script', options: ['--single-transaction'] },
  { how: 'the files in one transaction', format: 'numbered', options: ['--single-transaction'] },
] as const)('psql takes $how, and takes it again', async ({ format, options }) => {
  const [db, other] = await Promise.all([createDatabase(), createDatabase()]);
  await runMigrations({ databaseUrl: other.url });
  const folder = temporaryFolder();
  const files = await exportSql({ format });
  for (const { fileName, sql } of files) writeFileSync(join(folder, fileName), sql);
  const args = ['--no-psqlrc', '--set=ON_ERROR_STOP=1', ...options, `--dbname=${db.url}`];
  for (const _ of ['once', 'again']) {
    await runOrThrow('psql', [...args, ...files.map(({ fileName }) => `--file=${fileName}`)], {
      cwd: folder,
    });
    expect(await snapshot(db)).toEqual(await snapshot(other));
  }
});
