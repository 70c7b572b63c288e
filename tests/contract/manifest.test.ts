import { expect, test } from 'vitest';
import { Clock } from '../../src/clock.ts';
import { withConnection } from '../../src/connection.ts';
import { runMigrations } from '../../src/index.ts';
import { CONTRACT_MIGRATIONS, CONTRACT_TABLES } from '../../src/migrations.ts';
import { resolveOptions } from '../../src/settings.ts';
import { readCatalogue } from '../../src/verify/catalogue.ts';
import { CONTRACT } from '../../src/verify/contract.ts';
import { createDatabase } from '../support/database.ts';

test('the generated description of the contract is what this server says of it', async () => {
  const db = await createDatabase();
  const options = { databaseUrl: db.url, count: CONTRACT_MIGRATIONS };
  await runMigrations(options);
  const settings = resolveOptions(options);
  const catalogue = await withConnection(settings, new Clock(settings), (connection) =>
    readCatalogue(connection, 'public', CONTRACT_TABLES),
  );
  expect(catalogue, 'run npm run generate').toEqual(CONTRACT);
});
