import { lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SqlFile } from '../index.ts';
import { FileError, FilesDifferError } from './command-line-error.ts';

/** What became of files, by their paths. */
export interface WrittenFiles {
  readonly written: readonly string[];
  /** They had the same content before. */
  readonly unchanged: readonly string[];
}

/**
 * Writes files into a folder, which is made if it is missing. Looks at all of them first: where one
 * has other content, nothing is written.
 *
 * @param force - overwrite them
 * @throws {FilesDifferError | FileError}
 */
export function writeFiles(
  files: readonly SqlFile[],
  folder: string,
  force: boolean,
): WrittenFiles {
  const found = files.map(({ fileName, sql }) => {
    const path = join(folder, fileName);
    return { path, sql, content: contentOf(path) };
  });
  const differing = found.filter(({ sql, content }) => content !== undefined && content !== sql);
  if (differing.length > 0 && !force) throw new FilesDifferError(differing.map(({ path }) => path));
  const missing = found.filter(({ sql, content }) => content !== sql);
  attempt(folder, () => mkdirSync(folder, { recursive: true }));
  for (const { path, sql } of missing) attempt(path, () => writeFileSync(path, sql));
  return {
    written: missing.map(({ path }) => path),
    unchanged: found.filter(({ sql, content }) => content === sql).map(({ path }) => path),
  };
}

/** Undefined where there is no such file. */
function contentOf(path: string): string | undefined {
  return attempt(path, () => {
    try {
      // A link would be written through, and a pipe be waited for.
      if (!lstatSync(path).isFile()) throw notAFile(path);
      return readFileSync(path, 'utf8');
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    }
  });
}

function attempt<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof FileError) throw error;
    throw new FileError(
      `${path} cannot be read or written (${codeOf(error)}).`,
      'Pass another --out, or correct its permissions.',
    );
  }
}

function notAFile(path: string): FileError {
  return new FileError(`${path} is no file.`, 'Pass another --out, or take it away.');
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
