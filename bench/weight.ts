import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bench } from './bench.ts';
import { pinnedVersion } from './peers.ts';
import { interleave } from './rounds.ts';

/** What one package costs an application that has pg. */
export interface WeightFigures {
  readonly package: string;
  readonly version: string;
  /** What an application imports of it. */
  readonly imports: readonly string[];
  /** Installed with it, beside pg and what that brings. */
  readonly packages: number;
  readonly bytes: number;
  /** Of the package itself. */
  readonly ownBytes: number;
  /** To import pg and then the package, in a new process. One value a round each. */
  readonly ms: readonly number[];
  readonly cpuMs: readonly number[];
}

export interface WeightResult {
  readonly rounds: number;
  readonly pg: string;
  /** pg alone is the first. */
  readonly figures: readonly WeightFigures[];
}

const OURS = 'conversion-tracking-schema';

/** What an application imports to migrate at boot; of ours, also what a worker of the queue imports. */
const IMPORTS: readonly (readonly [name: string, ...modules: string[]])[] = [
  ['pg'],
  [OURS, OURS],
  [OURS, `${OURS}/queue`],
  ['postgres-migrations', 'postgres-migrations'],
  ['node-pg-migrate', 'node-pg-migrate'],
  ['graphile-worker', 'graphile-worker'],
  ['pg-boss', 'pg-boss'],
  ['kysely', 'kysely'],
  ['drizzle-orm', 'drizzle-orm/node-postgres', 'drizzle-orm/node-postgres/migrator'],
];

/** Packages by their path below node_modules. */
type Installed = ReadonlyMap<string, { readonly version: string; readonly bytes: number }>;

/** What an application takes on with a package: on its disk, and at each start of a process. */
export async function measureWeight({ quick, say }: Bench): Promise<WeightResult> {
  const rounds = quick ? 1 : 21;
  const folder = mkdtempSync(join(tmpdir(), 'tracking-schema-weight-'));
  try {
    const hosts = new Map<string, Installed>();
    for (const name of new Set(IMPORTS.map(([name]) => name))) {
      say(`installing ${name}`);
      hosts.set(name, install(folder, name));
    }
    const samples = await interleave(
      rounds,
      IMPORTS.map(([name, ...modules]) => ({
        name: ['pg', ...modules].join(', '),
        measure: async () => timeImports(join(folder, name), ['pg', ...modules]),
      })),
      (round, name, { ms }) => say(`round ${round}: ${name}: ${ms.toFixed(1)} ms`),
    );
    const bare = hosts.get('pg') ?? new Map();
    return {
      rounds,
      pg: pinnedVersion('pg'),
      figures: IMPORTS.map(([name, ...imports], index) => {
        const host = hosts.get(name) ?? new Map();
        const added = [...host].filter(([path]) => name === 'pg' || !bare.has(path));
        const own = samples[index] ?? [];
        return {
          package: name,
          version: host.get(name)?.version ?? '',
          imports,
          packages: added.length,
          bytes: added.reduce((sum, [, { bytes }]) => sum + bytes, 0),
          ownBytes: host.get(name)?.bytes ?? 0,
          ms: own.map(({ ms }) => Number(ms.toFixed(2))),
          cpuMs: own.map(({ cpuMs }) => Number(cpuMs.toFixed(2))),
        };
      }),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Installs a package and pg into an application of its own. */
function install(folder: string, name: string): Installed {
  const host = join(folder, name);
  mkdirSync(host);
  writeFileSync(join(host, 'package.json'), '{"private":true}');
  const specifier = name === OURS ? packOurs(folder) : `${name}@${pinnedVersion(name)}`;
  const packages = [...new Set([`pg@${pinnedVersion('pg')}`, specifier])];
  const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];
  execFileSync('npm', ['install', ...flags, ...packages], { cwd: host, stdio: 'ignore' });
  const modules = join(host, 'node_modules');
  const lock: { readonly packages: Readonly<Record<string, { readonly version: string }>> } =
    JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8'));
  return new Map(
    Object.entries(lock.packages).map(([path, { version }]) => [
      path.replace('node_modules/', ''),
      { version, bytes: bytesIn(join(host, path)) },
    ]),
  );
}

function packOurs(folder: string): string {
  const cwd = fileURLToPath(new URL('..', import.meta.url));
  const args = ['pack', '--silent', '--pack-destination', folder];
  return join(folder, execFileSync('npm', args, { cwd, encoding: 'utf8' }).trim());
}

/** Without the packages inside, which count for themselves. */
function bytesIn(folder: string): number {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => name !== 'node_modules')
    .map((entry) => [entry, join(folder, entry.name)] as const)
    .map(([entry, path]) => (entry.isDirectory() ? bytesIn(path) : statSync(path).size))
    .reduce((sum, bytes) => sum + bytes, 0);
}

function timeImports(
  host: string,
  modules: readonly string[],
): { readonly ms: number; readonly cpuMs: number } {
  const imports = modules.map((module) => `await import('${module}');`).join('\n');
  const script = `const cpu = process.cpuUsage();
    const start = performance.now();
    ${imports}
    const ms = performance.now() - start;
    const { user, system } = process.cpuUsage(cpu);
    console.log(JSON.stringify({ ms, cpuMs: (user + system) / 1000 }));`;
  const args = ['--input-type=module', '--eval', script];
  return JSON.parse(execFileSync(process.execPath, args, { cwd: host, encoding: 'utf8' }));
}
