import { identifier } from '../db/quoting.ts';

/** A name for people to read: quoted only where it would not be told from another otherwise. */
export function nameOf(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? name : identifier(name);
}
