import { createHash, timingSafeEqual } from 'node:crypto';

/** Compares hashes: in constant time, and of one length. Where no token is set, nobody has it. */
export function isBearer(header: string | null, token: string | undefined): boolean {
  if (!token) return false;
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(header ?? ''), hash(`Bearer ${token}`));
}
