import { lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SqlFile } from '../index.ts';
import { FileError, FilesDifferError } from './command-line-errors.ts';

/** Paths of the files of an export. */
export interface WrittenFiles {
  readonly written: readonly string[];
  /** Existed with the same content. */
  readonly unchanged: readonly string[];
}

/**
 * Writes files into a folder, and creates the folder if it does not exist. Writes none if one of
 * them exists with other content.
 *
 * @param force - overwrite files that have other content
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

/** Returns undefined if the file does not exist. */
function contentOf(path: string): string | undefined {
  return attempt(path, () => {
    try {
      // Writing would follow a link, and reading a pipe would block.
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
      'Pass another --out, or correct the permissions.',
    );
  }
}

function notAFile(path: string): FileError {
  return new FileError(`${path} is not a regular file.`, 'Pass another --out, or remove it.');
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
