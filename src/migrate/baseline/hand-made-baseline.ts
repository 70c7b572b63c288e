import { closing } from '../../../migrations/shared/access.ts';
import { securingMigrationsTable } from '../../../migrations/shared/migrations-table.ts';
import type { Connection } from '../../db/connection.ts';
import { doBlock, literal, quote } from '../../db/quoting.ts';
import type { PreflightFailure } from '../../errors.ts';
import type { Catalogue } from '../../schema/catalogue.ts';
import { functionInSchema } from '../../schema/definitions.ts';
import { everExpected, expectedAfter } from '../../schema/expected.ts';
import { moduleOf } from '../../schema/migration-modules.ts';
import { CONTRACT_MIGRATIONS, CONTRACT_TABLES, migrations } from '../../schema/migrations.ts';
import { readCatalogue } from '../../schema/read-catalogue.ts';
import { scopeOf } from '../../schema/scope.ts';
import type { Settings } from '../../settings.ts';
import { inSchemas } from '../transaction-settings.ts';
import type { Baseline } from './baseline.ts';
import { compareTable } from './compare-table.ts';

/** What adopting the existing tables as those of the first migrations takes. */
interface Comparison {
  readonly names: readonly string[];
  readonly differences: readonly PreflightFailure[];
  readonly repairs: readonly string[];
}

/**
 * The baseline of tables made by hand, or by migrations whose record is lost. Adopting renames what has
 * another name, drops second indexes and policies, comments the tables and revokes privileges. Rows
 * stay, and so do the application's own columns and indexes.
 */
export async function handMadeBaseline(
  connection: Connection,
  settings: Settings,
): Promise<Baseline> {
  const { schemas, migrationsTable } = settings;
  const recordIn = { schema: schemas[0], table: migrationsTable };
  const scope = scopeOf(everExpected(), settings);
  const actual = await readCatalogue(connection, scope);
  const { names, differences, repairs } = closestMigrations(actual, settings);
  return {
    names,
    differences,
    alters: CONTRACT_TABLES,
    async adopt(connection) {
      for (const repair of repairs) await connection.query(repair);
      const values = names.map((name) => `(${literal(name)}, now())`).join(', ');
      await connection.query(`INSERT INTO ${quote(recordIn)} (name, run_on) VALUES ${values}`);
      const last = migrations[names.length - 1];
      const declaration = last && moduleOf(last).DECLARATION;
      if (declaration) {
        const declare = doBlock(securingMigrationsTable(declaration));
        await connection.query(`${inSchemas(settings)}; ${declare}`);
      }
    },
  };
}

/** Compares with as many migrations as match, and at least with those of the contract. */
function closestMigrations(actual: Catalogue, settings: Settings): Comparison {
  const atLeast = compareTables(actual, settings, CONTRACT_MIGRATIONS);
  for (let count = migrations.length; count > CONTRACT_MIGRATIONS; count -= 1) {
    if (hasFunctions(actual, count)) {
      const more = compareTables(actual, settings, count);
      if (more.differences.length === 0) return more;
    }
  }
  return atLeast;
}

/** Returns whether the functions and triggers of these migrations exist, with the same definitions. */
function hasFunctions(actual: Catalogue, count: number): boolean {
  const { tables, functions } = expectedAfter(count);
  const sameFunctions = Object.entries(functions).every(([signature, wanted]) => {
    const { head, body } = functionInSchema(actual.schema ?? '', wanted);
    const found = actual.functions[signature];
    return found?.head === head && found.body === body;
  });
  return (
    sameFunctions &&
    CONTRACT_TABLES.every((table) =>
      Object.entries(tables[table]?.triggers ?? {}).every(
        ([trigger, { definition }]) =>
          actual.tables[table]?.triggers[trigger]?.definition === definition,
      ),
    )
  );
}

function compareTables(
  actual: Catalogue,
  { schemas: [schema] }: Settings,
  count: number,
): Comparison {
  const expected = expectedAfter(count);
  const differences: PreflightFailure[] = [];
  const repairs: string[] = [];
  for (const table of CONTRACT_TABLES) {
    const name = quote({ schema, table });
    const [found, wanted] = [actual.tables[table], expected.tables[table]];
    if (found && wanted) {
      const result = compareTable(name, found, wanted, { schema, leads: actual.leads });
      differences.push(...result.differences);
      repairs.push(...result.repairs, doBlock(closing(literal(name))));
    }
  }
  return { names: migrations.slice(0, count).map(({ name }) => name), differences, repairs };
}
