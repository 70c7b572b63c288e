import { closing } from '../../../migrations/shared/access.ts';
import type { Connection } from '../../db/connection.ts';
import { doBlock, literal, quote } from '../../db/quoting.ts';
import type { PreflightFailure } from '../../errors.ts';
import type { Catalogue } from '../../schema/catalogue.ts';
import { expectedAfter } from '../../schema/expected.ts';
import { CONTRACT_MIGRATIONS, CONTRACT_TABLES, migrations } from '../../schema/migrations.ts';
import { functionIn } from '../../schema/placeholders.ts';
import { readCatalogue } from '../../schema/read-catalogue.ts';
import { scopeOf } from '../../schema/scope.ts';
import type { Settings } from '../../settings.ts';
import type { Adoption } from './adoption.ts';
import { compareTable } from './compare-table.ts';

/** What it takes to make the tables that are there into those of the first migrations. */
interface TakeOver {
  readonly names: readonly string[];
  readonly differences: readonly PreflightFailure[];
  readonly repairs: readonly string[];
}

/**
 * The contract's tables, made by hand, or by migrations of ours whose record is lost: renamed where
 * names differ, rid of second indexes and of policies, commented and closed. Rows stay, and so do
 * columns and indexes of the application's own.
 */
export async function handMade(
  connection: Connection,
  settings: Settings,
  there: readonly string[],
): Promise<Adoption> {
  const { schemas, migrationsTable } = settings;
  const recordIn = { schema: schemas[0], table: migrationsTable };
  const scope = scopeOf(expectedAfter(migrations.length), settings);
  const actual = await readCatalogue(connection, scope);
  const { names, differences, repairs } = amountsTo(actual, settings, there);
  return {
    names,
    differences,
    alters: CONTRACT_TABLES,
    async adopt(connection) {
      for (const repair of repairs) await connection.query(repair);
      const values = names.map((name) => `(${literal(name)}, now())`).join(', ');
      await connection.query(`INSERT INTO ${quote(recordIn)} (name, run_on) VALUES ${values}`);
    },
  };
}

/** As many of our migrations as fit what is there, and at least those of the contract. */
function amountsTo(actual: Catalogue, settings: Settings, there: readonly string[]): TakeOver {
  const atLeast = takeOver(actual, settings, there, CONTRACT_MIGRATIONS);
  for (let count = migrations.length; count > CONTRACT_MIGRATIONS; count -= 1) {
    // One that adds nothing to compare is run again: it declares the release.
    if (adds(count) && hasFunctions(actual, count)) {
      const more = takeOver(actual, settings, there, count);
      if (more.differences.length === 0) return more;
    }
  }
  return atLeast;
}

/** Whether the migration of this place adds anything to the schema. */
function adds(count: number): boolean {
  const [before, after] = [expectedAfter(count - 1), expectedAfter(count)];
  return JSON.stringify(before) !== JSON.stringify(after);
}

/** Functions and triggers that a migration would make are there, as it would make them. */
function hasFunctions(actual: Catalogue, count: number): boolean {
  const { tables, functions } = expectedAfter(count);
  const sameFunctions = Object.entries(functions).every(([signature, wanted]) => {
    const { head, body } = functionIn(actual.space ?? '', wanted);
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

function takeOver(
  actual: Catalogue,
  { schemas: [schema] }: Settings,
  there: readonly string[],
  count: number,
): TakeOver {
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
    } else {
      differences.push({
        code: 'TABLE_CONFLICT',
        message: `${there.join(', ')}: there already, and recorded in no migrations table, but without ${table}.`,
        fix: `Rename what is there (ALTER TABLE … RENAME TO …), or use another schema.`,
      });
    }
  }
  return { names: migrations.slice(0, count).map(({ name }) => name), differences, repairs };
}
