import { createHmac } from 'node:crypto';
import { isIP } from 'node:net';
import { InvalidArgumentError } from '../errors.ts';

const MIN_KEY_BYTES = 16;

/**
 * Returns the HMAC-SHA-256 of an IP address in hex. A hash without a key could be reversed in minutes
 * by hashing every IPv4 address. All spellings of an address have the same hash.
 *
 * @param ip - an IPv4 or IPv6 address; an IPv4-mapped IPv6 address counts as IPv4, a zone is ignored;
 * null and undefined return null
 * @param key - a secret of the application, at least 16 bytes; a new key changes all hashes
 * @returns 64 hex digits for `visitors.ip_hash`
 * @throws {InvalidArgumentError} if the address is invalid or the key is missing or too short; the
 * message contains neither
 * @example
 * hashIp(request.ip, process.env.IP_HASH_KEY);
 */
export function hashIp(ip: string, key: string | Uint8Array | undefined): string;
export function hashIp(
  ip: string | null | undefined,
  key: string | Uint8Array | undefined,
): string | null;
export function hashIp(
  ip: string | null | undefined,
  key: string | Uint8Array | undefined,
): string | null {
  const isKey = typeof key === 'string' || key instanceof Uint8Array;
  if (!isKey || Buffer.byteLength(key) < MIN_KEY_BYTES) {
    throw new InvalidArgumentError(`The key is missing or shorter than ${MIN_KEY_BYTES} bytes.`, {
      hint: 'Generate one with: openssl rand -hex 32',
    });
  }
  if (ip === null || ip === undefined) return null;
  return createHmac('sha256', key).update(canonicalIp(ip)).digest('hex');
}

function canonicalIp(ip: string): string {
  const address = String(ip).trim().replace(/%.*$/, '');
  const version = isIP(address);
  if (version === 0) {
    throw new InvalidArgumentError('The IP address is invalid.', {
      hint: 'Pass one IPv4 or IPv6 address without a port.',
    });
  }
  if (version === 4) return address;
  // URL shortens an IPv6 address and converts it to lower case.
  const shortest = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(shortest);
  if (!mapped) return shortest;
  const bytes = mapped.slice(1).flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
  return bytes.join('.');
}
