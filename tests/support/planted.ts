import { migrations } from '../../src/schema/migrations.ts';

/** SQL by which a role with CREATE on the schema makes a migrations table that records everything. */
export function plantedMigrationsTable(table: string): string {
  const rows = migrations.map(({ name }) => `('${name}', now())`).join(', ');
  return `CREATE TABLE public.${table} (id serial PRIMARY KEY, name varchar(255) NOT NULL, run_on timestamp NOT NULL);
    INSERT INTO public.${table} (name, run_on) VALUES ${rows}`;
}
