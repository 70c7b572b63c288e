import { lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SqlFile } from '../index.ts';
import { FileError, FilesDifferError } from './command-line-errors.ts';

/** The paths of the files of an export that was written. */
export interface WrittenFiles {
  readonly written: readonly string[];
  /** Existed with the same content. */
  readonly unchanged: readonly string[];
}

/** The paths of the files of an export, compared with a folder. */
export interface ComparedFiles {
  readonly missing: readonly string[];
  readonly different: readonly string[];
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
  const { missing, different, unchanged } = compareFiles(files, folder);
  if (different.length > 0 && !force) throw new FilesDifferError(different);
  const outdated = files
    .map(({ fileName, sql }) => ({ path: join(folder, fileName), sql }))
    .filter(({ path }) => missing.includes(path) || different.includes(path));
  attempt(folder, () => mkdirSync(folder, { recursive: true }));
  for (const { path, sql } of outdated) attempt(path, () => writeFileSync(path, sql));
  return { written: outdated.map(({ path }) => path), unchanged };
}

/**
 * Compares files with those in a folder.
 *
 * @throws {FileError}
 */
export function compareFiles(files: readonly SqlFile[], folder: string): ComparedFiles {
  const compared = files.map(({ fileName, sql }) => {
    const path = join(folder, fileName);
    const content = contentOf(path);
    return { path, missing: content === undefined, unchanged: content === sql };
  });
  const paths = (which: (file: (typeof compared)[number]) => boolean) =>
    compared.filter(which).map(({ path }) => path);
  return {
    missing: paths(({ missing }) => missing),
    different: paths(({ missing, unchanged }) => !missing && !unchanged),
    unchanged: paths(({ unchanged }) => unchanged),
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
