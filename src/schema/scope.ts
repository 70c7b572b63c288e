import type { Settings } from '../settings.ts';
import type { Contents, Scope } from './catalogue.ts';
import { functionName } from './expected.ts';
import { INSIDERS, OUTSIDERS } from './roles.ts';

/** Where to look for contents: by their names, in the place that the settings say. */
export function scopeOf(contents: Contents, { schemas, migrationsTable }: Settings): Scope {
  return {
    schemas,
    tables: Object.keys(contents.tables),
    indexes: Object.values(contents.tables).flatMap(({ indexes }) => Object.keys(indexes)),
    functions: Object.keys(contents.functions).map(functionName),
    migrationsTable: migrationsTable,
    insiders: INSIDERS,
    outsiders: OUTSIDERS,
  };
}
