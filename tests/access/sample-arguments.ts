import type { Queryable } from '../support/catalogue.ts';

/** A value of each type that a function asks for, as text. */
const SAMPLES: Readonly<Record<string, string>> = {
  uuid: '99999999-0000-4000-8000-000000000000',
  text: 'text',
  'uuid[]': '{}',
  jsonb: '[]',
  interval: '100 years',
};

/** Values of arguments that do not take any of their type. */
const NAMED_SAMPLES: Readonly<Record<string, string>> = { status: 'processing' };

/** An argument that a call cannot leave out. */
export interface SampleArgument {
  readonly name: string;
  readonly type: string;
  readonly value: string;
}

/** Arguments with which every function of a schema can be called, by its OID. */
export async function sampleArguments(
  db: Queryable,
  schema: string,
): Promise<ReadonlyMap<number, readonly SampleArgument[]>> {
  const rows = await db.query<{ oid: string; name: string | null; type: string | null }>(
    `SELECT p.oid::text, a.name, format_type(a.type, NULL) AS type
       FROM pg_proc p
       LEFT JOIN LATERAL (
         SELECT i.name, i.type, row_number() OVER (ORDER BY i.place) AS place
           FROM unnest(p.proargnames, coalesce(p.proallargtypes, p.proargtypes::oid[]), p.proargmodes)
             WITH ORDINALITY i (name, type, mode, place)
          WHERE i.type IS NOT NULL AND coalesce(i.mode, 'i') IN ('i', 'b')) a
         ON a.place <= p.pronargs - p.pronargdefaults
      WHERE p.pronamespace = $1::regnamespace
      ORDER BY p.oid, a.place`,
    [schema],
  );
  const found = new Map<number, SampleArgument[]>();
  for (const { oid, name, type } of rows) {
    const list = found.get(Number(oid)) ?? [];
    if (type !== null) list.push({ name: name ?? '', type, value: sampleOf(name ?? '', type) });
    found.set(Number(oid), list);
  }
  return found;
}

function sampleOf(name: string, type: string): string {
  const value = NAMED_SAMPLES[name] ?? SAMPLES[type];
  if (value === undefined) throw new Error(`There is no sample of type ${type}.`);
  return value;
}
