import { closing } from '../../migrations/shared/access.ts';
import type { Connection } from '../connection.ts';
import type { PreflightFailure } from '../errors.ts';
import { CONTRACT_MIGRATIONS, CONTRACT_TABLES, migrations } from '../migrations.ts';
import type { Settings } from '../settings.ts';
import { doBlock, literal, quote } from '../sql.ts';
import { inSchemas, SERVER_ALONE } from '../transaction-settings.ts';
import { readCatalogue } from '../verify/catalogue.ts';
import { CONTRACT } from '../verify/contract.ts';
import type { Adoption } from './adoption.ts';
import { compareTable } from './compare-table.ts';

/**
 * The contract's tables, made by hand: renamed where names differ, rid of second indexes and of
 * policies, commented and closed. Rows stay, and so do columns and indexes of the host's own.
 */
export async function handMade(
  connection: Connection,
  settings: Settings,
  there: readonly string[],
): Promise<Adoption> {
  const { schemas, migrationsTable } = settings;
  const [schema] = schemas;
  const ledger = { schema, table: migrationsTable };
  // Definitions name other tables without a schema where the search path finds them.
  await connection.query(inSchemas(settings));
  const actual = await readCatalogue(connection, schema, there);
  await connection.query(SERVER_ALONE);
  const differences: PreflightFailure[] = [];
  const repairs: string[] = [];
  for (const table of CONTRACT_TABLES) {
    const name = quote({ schema, table });
    const [found, expected] = [actual[table], CONTRACT[table]];
    if (found && expected) {
      const result = compareTable(name, found, expected);
      differences.push(...result.differences);
      repairs.push(...result.repairs, doBlock(closing(literal(name))));
    } else {
      differences.push({
        code: 'TABLE_IN_THE_WAY',
        message: `${there.join(', ')}: there already, and recorded in no ledger, but without ${table}.`,
        remedy: `Rename what is there (ALTER TABLE … RENAME TO …), or use another schema.`,
      });
    }
  }
  const names = migrations.slice(0, CONTRACT_MIGRATIONS).map(({ name }) => name);
  return {
    names,
    differences,
    async adopt() {
      for (const repair of repairs) await connection.query(repair);
      const values = names.map((name) => `(${literal(name)}, now())`).join(', ');
      await connection.query(`INSERT INTO ${quote(ledger)} (name, run_on) VALUES ${values}`);
    },
  };
}
