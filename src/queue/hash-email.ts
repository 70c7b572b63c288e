import { createHash } from 'node:crypto';
import { InvalidArgumentError } from '../errors.ts';

/** Domains of Gmail, which ignores dots and everything from `+` on in the local part. */
const GMAIL = new Set(['gmail.com', 'googlemail.com']);

/** A local part without quotes and a domain with a dot, in letters of any script. */
const ADDRESS =
  /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~.-]+@[\p{L}\p{M}\p{N}-]+(\.[\p{L}\p{M}\p{N}-]+)+$/u;

/**
 * Returns the SHA-256 of an email address in hex, normalized as Google requires for Enhanced
 * Conversions: lower case, without white space, and for gmail.com and googlemail.com without dots and
 * without the part from `+` on before the `@`.
 *
 * @param email - an email address without a display name; null and undefined return null
 * @returns 64 hex digits for `conversions.email_hash`
 * @throws {InvalidArgumentError} if it is not an email address; the message does not contain it
 * @example
 * hashEmail('user.name+NYC@Example.com'); // 'f109a2a6…'
 */
export function hashEmail(email: string): string;
export function hashEmail(email: string | null | undefined): string | null;
export function hashEmail(email: string | null | undefined): string | null {
  if (email === null || email === undefined) return null;
  const address = typeof email === 'string' ? email.toLowerCase().replace(/\s/g, '') : '';
  const [name = '', domain = ''] = address.split('@');
  const mailbox = GMAIL.has(domain) ? name.replace(/\+.*$/, '').replaceAll('.', '') : name;
  if (!ADDRESS.test(address) || mailbox === '') {
    throw new InvalidArgumentError('The email address is invalid.', {
      hint: 'Pass an address like jane@example.com, without a display name.',
    });
  }
  return createHash('sha256').update(`${mailbox}@${domain}`).digest('hex');
}
