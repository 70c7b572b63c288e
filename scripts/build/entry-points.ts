import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** An entry of `exports` with declarations. */
export interface Exported {
  readonly require: { readonly types: string; readonly default: string };
  readonly types: string;
  readonly default: string;
}

/** Files that something outside the package names. */
export interface EntryPoints {
  /** Sources, relative to the root. */
  readonly modules: readonly string[];
  /** The same of what node-pg-migrate's command finds by its folder. */
  readonly migrations: readonly string[];
  /** Declarations in dist, absolute. */
  readonly declarations: readonly string[];
  /** What package.json exports, with paths relative to the root. */
  readonly exported: readonly Exported[];
}

/** What package.json exports and runs, and the migrations. */
export function readEntryPoints(root: string): EntryPoints {
  const manifest: {
    readonly exports: Readonly<Record<string, string | Exported>>;
    readonly bin: Readonly<Record<string, string>>;
  } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const exported = Object.values(manifest.exports).filter((entry) => typeof entry !== 'string');
  const compiled = [...exported.map((entry) => entry.default), ...Object.values(manifest.bin)];
  const migrations = readdirSync(join(root, 'migrations')).filter((file) => file.endsWith('.ts'));
  return {
    modules: compiled.map((file) => file.replace(/^(\.\/)?dist\//, '').replace(/\.js$/, '.ts')),
    migrations: migrations.map((file) => `migrations/${file}`),
    declarations: exported.map(({ types }) => join(root, types)),
    exported,
  };
}
