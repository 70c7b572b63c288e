import type { Client, QueryResultRow } from 'pg';

/** Says one thing that happened, and what the database answered. */
type Tell = (line: string) => void;

const INSUFFICIENT_PRIVILEGE = '42501';
const NOT_NULL_VIOLATION = '23502';

/** One visitor's way to a conversion, in one transaction. It is rolled back unless rows are kept. */
export async function tellStory(client: Client, tell: Tell, keep: boolean): Promise<void> {
  await client.query('BEGIN');
  try {
    await tellInTransaction(client, tell);
    if (keep) await client.query('COMMIT');
  } finally {
    await client.query('ROLLBACK');
  }
  tell(`\nThe story is ${keep ? 'committed: its rows stay' : 'rolled back: no sample row stays'}.`);
}

/** What the tables hold, the newest rows first. */
export async function tellRows(client: Client, tell: Tell): Promise<void> {
  for (const [table, columns] of [
    ['visitors', 'visitor_id, gclid, utm_source, first_seen_at'],
    ['conversions', 'id, lead_id, conversion_type, conversion_value, conversion_currency'],
    ['conversion_queue', 'id, conversion_id, platform, status, retry_count'],
  ]) {
    const { rows } = await client.query(
      `SELECT ${columns} FROM ${table} ORDER BY created_at DESC LIMIT 5`,
    );
    tell(`\n${table}:\n${asTable(rows)}`);
  }
}

function asTable(rows: QueryResultRow[]): string {
  const names = Object.keys(rows[0] ?? {});
  const lines = [names, ...rows.map((row) => names.map((name) => asText(row[name])))];
  const widths = names.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  return lines
    .map((line) => line.map((text, at) => text.padEnd(widths[at] ?? 0)).join('  '))
    .map((line) => `  ${line.trimEnd()}`)
    .join('\n');
}

/** Ids are long, and only connect the rows. */
function asLine(row: QueryResultRow): string {
  return Object.entries(row)
    .filter(([name]) => !/(^|_)id$/.test(name))
    .map(([name, value]) => `${name}: ${asText(value)}`)
    .join(', ');
}

function asText(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value ?? '');
}

async function tellInTransaction(client: Client, tell: Tell): Promise<void> {
  const one = async (what: string, sql: string, values: unknown[] = []) => {
    const { rows } = await client.query<QueryResultRow>(sql, values);
    tell(`\n${what}`);
    for (const row of rows) tell(`  ${asLine(row)}`);
    if (rows.length === 0) tell('  (no row)');
    return rows[0];
  };

  const visitor = await one(
    'A visitor arrives from a Google ad:',
    `SELECT visitor_id, gclid, utm_source, is_new
       FROM upsert_visitor('story-' || gen_random_uuid(), 'EAIaIQobChMI-story-gclid-0001', utm_source => 'google')`,
  );
  await one('The visitor fills in the form:', 'SELECT record_events($1) AS events_recorded', [
    JSON.stringify([{ visitor_id: visitor?.visitor_id, event_name: 'generate_lead' }]),
  ]);
  const lead = await findLead(client);
  tell('\nThe application has a lead:');
  tell(lead ? `  ${lead.id}` : '  none, and its leads table needs more than an id: the story ends');
  if (!lead) return;

  const report = `
    SELECT is_new, conversion_type, conversion_value, conversion_currency, idempotency_key
      FROM record_conversion($1, 'qualified', $2, 250, visitor_id => $3, platforms => '{story}')`;
  const values = [lead.id, `story-${String(lead.id).slice(0, 8)}`, visitor?.visitor_id];
  await one('The CRM reports the lead as qualified:', report, values);
  await one('The CRM reports the same again, and nothing is recorded:', report, values);
  const claim = `
    SELECT id, lease_id, gclid, conversion_value, retry_count, max_retries, leased_until
      FROM claim_conversions('story')`;
  const entry = await one('A worker takes what is to be uploaded:', claim);
  await one('Another worker finds that nothing is due:', claim);
  await one(
    'The platform is busy, so it is tried again later:',
    `SELECT status, retry_count, next_retry_at, applied
       FROM fail_conversions($1, 'busy', lease_id => $2)`,
    [[entry?.id], entry?.lease_id],
  );
  await one(
    'The next try succeeds:',
    'SELECT status, retry_count, applied FROM complete_conversions($1)',
    [[entry?.id]],
  );
  await one(
    'The queue at a glance:',
    "SELECT status, entries, overdue FROM conversion_queue_health('story')",
  );
  await tellRefusal(client, tell);
}

/** A new lead, or where the application's leads table needs more than an id, one that is there. */
async function findLead(client: Client): Promise<QueryResultRow | undefined> {
  await client.query('SAVEPOINT lead');
  try {
    const { rows } = await client.query('INSERT INTO leads DEFAULT VALUES RETURNING id');
    return rows[0];
  } catch (error) {
    if (sqlState(error) !== NOT_NULL_VIOLATION) throw error;
    await client.query('ROLLBACK TO SAVEPOINT lead');
    const { rows } = await client.query('SELECT id FROM leads LIMIT 1');
    return rows[0];
  }
}

/** What an anonymous client gets to see: Supabase's anon, or a role like it for the moment. */
async function tellRefusal(client: Client, tell: Tell): Promise<void> {
  const { rows } = await client.query("SELECT FROM pg_roles WHERE rolname = 'anon'");
  await client.query('SAVEPOINT refusal');
  try {
    if (rows.length === 0) await client.query('CREATE ROLE anon NOLOGIN');
    await client.query('SET LOCAL ROLE anon');
  } catch (error) {
    if (sqlState(error) !== INSUFFICIENT_PRIVILEGE) throw error;
    await client.query('ROLLBACK TO SAVEPOINT refusal');
    tell('\nThis role may not act as anon: the refusal of an anonymous client is not shown.');
    return;
  }
  for (const statement of [
    'SELECT gclid FROM visitors',
    "INSERT INTO visitors (visitor_id) VALUES ('intruder')",
    'TRUNCATE visitors CASCADE',
    'SELECT claim_conversions()',
  ]) {
    await client.query('SAVEPOINT attempt');
    tell(`\nThe anonymous role anon tries: ${statement}`);
    const answer = await client.query(statement).then(
      () => 'it was let in: this database is not right',
      (error: unknown) => `refused (${sqlState(error)}): ${(error as Error).message}`,
    );
    tell(`  ${answer}`);
    await client.query('ROLLBACK TO SAVEPOINT attempt');
  }
  await client.query('ROLLBACK TO SAVEPOINT refusal');
}

function sqlState(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
