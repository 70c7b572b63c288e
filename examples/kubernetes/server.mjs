import { createServer } from 'node:http';
import { migrationStatus } from 'conversion-tracking-schema';
import pg from 'pg';

// Replace this by your application. Its role has no privilege to change tables.
const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  connectionTimeoutMillis: 2_000,
});
pool.on('error', (error) => console.error(`An idle connection broke: ${error.message}`));

/** What each path answers: a status and a body. */
const ROUTES = {
  '/healthz': async () => [200, { ok: true }],
  '/readyz': async () => {
    const { verdict } = await migrationStatus({ dbClient: pool, timeoutMs: 2_000 });
    return [verdict === 'ready' ? 200 : 503, { verdict }];
  },
};

const server = createServer(async (request, response) => {
  const route = ROUTES[request.url] ?? (async () => [404, { error: 'NOT_FOUND' }]);
  const [status, body] = await route().catch((error) => [503, { error: error.code ?? 'UNKNOWN' }]);
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
});
server.listen(Number(process.env.PORT ?? 3000), () => {
  console.log(`listening on ${server.address().port}`);
});

process.once('SIGTERM', () => {
  server.close(() => pool.end());
  server.closeIdleConnections();
});
