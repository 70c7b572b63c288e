import { createHash, createHmac } from 'node:crypto';
import { isIP } from 'node:net';
import { InvalidArgumentError } from '../errors.ts';

/** Google's own domains of one mailbox: dots and whatever follows a plus sign do not count there. */
const GMAIL = new Set(['gmail.com', 'googlemail.com']);

const SHORTEST_KEY_BYTES = 16;

/**
 * The SHA-256 of an e-mail address, in hex, normalised as Google asks for Enhanced Conversions: in
 * lower case, without white space, and for gmail.com and googlemail.com without dots before the `@`
 * and without anything from `+` on.
 *
 * @param email - the address, as it was typed
 * @returns 64 hex digits, for `conversions.email_hash`
 * @throws {InvalidArgumentError} when it is no address; the message does not repeat it
 * @example
 * hashEmail('user.name+NYC@Example.com'); // 'f109a2a6…'
 */
export function hashEmail(email: string): string {
  const address = email.toLowerCase().replace(/\s/g, '');
  const [name = '', domain = '', ...more] = address.split('@');
  const mailbox = GMAIL.has(domain) ? name.replace(/\+.*$/, '').replaceAll('.', '') : name;
  if (mailbox === '' || domain === '' || more.length > 0) {
    throw new InvalidArgumentError('That is no e-mail address.', {
      hint: 'Pass one with a name, an @ and a domain.',
    });
  }
  return createHash('sha256').update(`${mailbox}@${domain}`).digest('hex');
}

/**
 * The HMAC-SHA-256 of an IP address, in hex. Without a key a hash of an IPv4 address is reversed in
 * minutes, by trying all of them. Spellings of one address give one hash.
 *
 * @param ip - IPv4 or IPv6; an IPv4 address mapped into IPv6 counts as IPv4, a zone is left out
 * @param key - a secret of the application, of at least 16 bytes; a new one makes all hashes new
 * @returns 64 hex digits, for `visitors.ip_hash`
 * @throws {InvalidArgumentError} when it is no address or the key is too short; the message repeats
 * neither
 * @example
 * hashIp(request.ip, process.env.IP_HASH_KEY);
 */
export function hashIp(ip: string, key: string | Uint8Array): string {
  if (Buffer.byteLength(key) < SHORTEST_KEY_BYTES) {
    throw new InvalidArgumentError(`The key is shorter than ${SHORTEST_KEY_BYTES} bytes.`, {
      hint: 'Make one with: openssl rand -hex 32',
    });
  }
  return createHmac('sha256', key).update(canonicalIp(ip)).digest('hex');
}

function canonicalIp(ip: string): string {
  const address = ip.trim().replace(/%.*$/, '');
  const version = isIP(address);
  if (version === 0) {
    throw new InvalidArgumentError('That is no IP address.', {
      hint: 'Pass one IPv4 or IPv6 address, without a port.',
    });
  }
  if (version === 4) return address;
  // URL spells an IPv6 address in its shortest form, in lower case.
  const shortest = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(shortest);
  if (!mapped) return shortest;
  const bytes = mapped.slice(1).flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
  return bytes.join('.');
}
