import { CLOSE_TABLE } from '../../migrations/shared/access.ts';
import type { Connection } from '../connection.ts';
import type { PreflightFailure } from '../errors.ts';
import { CONTRACT_MIGRATIONS, CONTRACT_TABLES, migrations } from '../migrations.ts';
import { doBlock, literal, type QualifiedName, quote } from '../sql.ts';
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
  ledger: QualifiedName,
  there: readonly string[],
): Promise<Adoption> {
  const actual = await readCatalogue(connection, ledger.schema, there);
  const differences: PreflightFailure[] = [];
  const repairs: string[] = [];
  for (const table of CONTRACT_TABLES) {
    const name = quote({ schema: ledger.schema, table });
    const [found, expected] = [actual[table], CONTRACT[table]];
    if (found && expected) {
      const result = compareTable(name, found, expected);
      differences.push(...result.differences);
      repairs.push(...result.repairs, closing(name));
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

function closing(name: string): string {
  return doBlock(`
    DECLARE
      target CONSTANT regclass := ${literal(name)};
      grantee text;
    BEGIN${CLOSE_TABLE}
    END`);
}
