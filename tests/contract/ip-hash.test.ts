import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { createMigratedDatabase, type TestDatabase } from '../support/database.ts';

const SHA256 = createHash('sha256').update('192.0.2.1').digest();
const HEX = SHA256.toString('hex');

const HASHES = [
  HEX,
  HEX.toUpperCase(),
  SHA256.toString('base64'),
  SHA256.toString('base64url'),
  `sha256:${HEX}`,
  `sha256-${SHA256.toString('base64')}`,
  `\\x${HEX}`,
  inPairs(HEX),
  inPairs(HEX.toUpperCase()),
  `SHA256:${inPairs(HEX)}`,
  '$2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW',
  '$2a$10$.1.2.3.4/5.6.7.8/9.10.11.12/13.14.15.16/17.18.19.20/2',
  '$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$RdescudvJCsgt3ub+b/dWRWJTmaaJObG',
  '$5$rounds=535000$saltsaltsaltsalt$KqJWpanXZHKq2BOB43TSaYhEWsQ1Lr5QNyPCDH/Tp.6',
  '$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E',
];

const ADDRESSES = [
  '192.0.2.1',
  '/192.0.2.1',
  '(192.0.2.1)',
  '<192.0.2.1>',
  '{192.0.2.1}',
  'ipv4:192.0.2.1',
  'http://192.0.2.1/',
  '192.0.2.1-192.0.2.9',
  '192.0.2.1|x',
  '192.0.2.1.',
  '192.0.2.1\u00a0',
  '\ufeff192.0.2.1',
  '(2001:db8::1)',
  '0.0.0.0',
  '255.255.255.255',
  '192.000.002.001',
  '192.0.2.1:443',
  '192.0.2.0/24',
  '[192.0.2.1]',
  '"192.0.2.1"',
  "'192.0.2.1'",
  ' 192.0.2.1',
  '192.0.2.1\n',
  '\t192.0.2.1\t',
  '192.0.2.1, 198.51.100.7',
  'unknown, 192.0.2.1',
  '203.0.113.9,192.0.2.1,198.51.100.7',
  `${HEX}, 192.0.2.1`,
  `192.0.2.1 ${HEX}`,
  'for=192.0.2.60;proto=http;by=203.0.113.43',
  'For="[2001:db8:cafe::17]:4711"',
  'ip=192.0.2.1',
  '2001:0db8:85a3:0000:0000:8a2e:0370:7334',
  '2001:DB8:85A3:0:0:8A2E:370:7334',
  '2001:db8::1',
  '2001:db8::',
  '::1',
  '::',
  'fe80::1%eth0',
  'fe80::1%25en0',
  '2001:db8::/32',
  '2001:db8:0:0:0:0:0:1/128',
  '[2001:db8::1]',
  '[2001:db8::1]:443',
  '[2001:0db8:85a3:0000:0000:8a2e:0370:7334]:443',
  '2001:0db8:85a3:0000:0000:8a2e:0370:7334:443',
  '::ffff:192.0.2.1',
  '::ffff:192.0.2.1:443',
  '0:0:0:0:0:ffff:192.0.2.1',
  '::ffff:c000:0201',
  '64:ff9b::192.0.2.33',
  '1:2:3:4:5:6:7::',
  '::2:3:4:5:6:7:8',
  'unknown, 2001:db8::1, 192.0.2.1',
  '2001:db8:85a3:0:0:8a2e:370:7334, 192.0.2.1',
];

/** What one question to the server holds. */
const BATCH = 3_000;

let db: TestDatabase;
let check: string;

beforeAll(async () => {
  db = await createMigratedDatabase();
  const [row] = await db.query<{ check: string }>(
    `SELECT pg_get_expr(conbin, conrelid) AS check FROM pg_constraint WHERE conname = 'visitors_ip_hash_check'`,
  );
  check = row?.check ?? '';
});

test.each([null, ...HASHES])('%j is stored', async (hash) => {
  const [row] = await store(hash);
  expect(row).toEqual({ ip_hash: hash });
});

test.each(ADDRESSES)('%j is refused', async (address) => {
  await expect(store(address)).rejects.toMatchObject({
    code: '23514',
    constraint: 'visitors_ip_hash_check',
    table: 'visitors',
  });
});

test('an update cannot bring in what an insert could not', async () => {
  await store(HEX);
  await expect(db.query(`UPDATE visitors SET ip_hash = '192.0.2.1'`)).rejects.toMatchObject({
    constraint: 'visitors_ip_hash_check',
  });
});

test('any encoding of any 16 to 64 bytes passes', async () => {
  const bytes = fc.uint8Array({ minLength: 16, maxLength: 64 }).map((array) => Buffer.from(array));
  const hash = fc.oneof(
    bytes.map((b) => b.toString('hex')),
    bytes.map((b) => b.toString('hex').toUpperCase()),
    bytes.map((b) => b.toString('base64')),
    bytes.map((b) => b.toString('base64url')),
    bytes.map((b) => `sha256:${b.toString('hex')}`),
    bytes.map((b) => inPairs(b.toString('hex'))),
  );
  expect(await decided(fc.sample(hash, BATCH), 'refused')).toEqual([]);
});

test('any IP address is refused, however it is written', async () => {
  const v4 = fc.ipV4();
  const v6 = fc.ipV6();
  const port = fc.integer({ min: 1, max: 65_535 });
  const either = fc.oneof(v4, v6, v6.map(toUpperCase));
  const address = fc.oneof(
    either,
    fc.tuple(v4, port).map(([ip, at]) => `${ip}:${at}`),
    fc.tuple(v6, port).map(([ip, at]) => `[${ip}]:${at}`),
    fc.tuple(either, fc.integer({ min: 0, max: 128 })).map(([ip, bits]) => `${ip}/${bits}`),
    v6.map((ip) => `${ip}%eth0`),
    either.map((ip) => ` ${ip}\n`),
    either.map((ip) => `"${ip}"`),
    fc.tuple(either, either).map((list) => list.join(', ')),
    fc.tuple(either, either).map((list) => list.join(',')),
    either.map((ip) => `${HEX} ${ip}`),
    either.map((ip) => `for="${ip}";proto=https`),
  );
  expect(await decided(fc.sample(address, BATCH), 'passed')).toEqual([]);
});

function toUpperCase(text: string): string {
  return text.toUpperCase();
}

/** `ab:cd:ef`, as certificates show their fingerprints. */
function inPairs(hex: string): string {
  return (hex.match(/../g) ?? []).join(':');
}

async function store(hash: string | null): Promise<object[]> {
  return db.query(
    'INSERT INTO visitors (visitor_id, ip_hash) VALUES (gen_random_uuid()::text, $1) RETURNING ip_hash',
    [hash],
  );
}

/** Those of the values that the table's own check lets pass, or that it refuses. */
async function decided(
  values: readonly string[],
  decision: 'passed' | 'refused',
): Promise<string[]> {
  const rows = await db.query<{ ip_hash: string }>(
    `SELECT DISTINCT ip_hash FROM unnest($1::text[]) AS v(ip_hash) WHERE (${check}) = $2 LIMIT 5`,
    [values, decision === 'passed'],
  );
  return rows.map(({ ip_hash }) => ip_hash);
}
