/**
 * Redacts user and password in URLs: a URL may be given in place of another value and be quoted in
 * a message. The placeholder that messages show, `user:password@`, is kept.
 */
export function redactUrls(text: string): string {
  return text.replace(/(\w:\/\/)(?!user:password@)\S*@/g, '$1***@');
}

/** Redacts every password of the arguments and the environment in the message of an unexpected error. */
export function redactPasswords(text: string, args: readonly string[]): string {
  const urls = [process.env.DATABASE_URL ?? '', ...args].flatMap(passwordsIn);
  const known = [...urls, process.env.PGPASSWORD ?? ''].filter((password) => password !== '');
  return known.reduce(
    (redacted, password) => redacted.replaceAll(password, '***'),
    redactUrls(text),
  );
}

/** Returns the password of a URL as written and percent-decoded. */
function passwordsIn(url: string): string[] {
  const [, encoded] = /:\/\/[^:]*:(.*)@/.exec(url) ?? [];
  if (encoded === undefined) return [];
  try {
    return [encoded, decodeURIComponent(encoded)];
  } catch {
    return [encoded];
  }
}
