import { createHash } from 'node:crypto';
import { InvalidArgumentError } from '../errors.ts';

/** Domains of Gmail, which ignores dots and everything from `+` on in the local part. */
const GMAIL = new Set(['gmail.com', 'googlemail.com']);

/**
 * Returns the SHA-256 of an email address in hex, normalized as Google requires for Enhanced
 * Conversions: lower case, without white space, and for gmail.com and googlemail.com without dots and
 * without the part from `+` on before the `@`.
 *
 * @param email - an email address
 * @returns 64 hex digits for `conversions.email_hash`
 * @throws {InvalidArgumentError} if it is not an email address; the message does not contain it
 * @example
 * hashEmail('user.name+NYC@Example.com'); // 'f109a2a6…'
 */
export function hashEmail(email: string): string {
  const address = email.toLowerCase().replace(/\s/g, '');
  const [name = '', domain = '', ...more] = address.split('@');
  const mailbox = GMAIL.has(domain) ? name.replace(/\+.*$/, '').replaceAll('.', '') : name;
  if (mailbox === '' || domain === '' || more.length > 0) {
    throw new InvalidArgumentError('The email address is invalid.', {
      hint: 'Pass an address with a local part, an @ and a domain.',
    });
  }
  return createHash('sha256').update(`${mailbox}@${domain}`).digest('hex');
}
