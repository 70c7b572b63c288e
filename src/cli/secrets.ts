/**
 * Text in which no URL shows its user and password: a URL may be given where something else
 * belongs, and be quoted in a message. The one that messages give as a pattern stays.
 */
export function withoutCredentials(text: string): string {
  return text.replace(/(\w:\/\/)(?!user:password@)\S*@/g, '$1***@');
}

/** The message of an error that nobody foresaw, without any password that we were given. */
export function withoutPasswords(text: string, args: readonly string[]): string {
  const urls = [process.env.DATABASE_URL ?? '', ...args].flatMap(passwordsIn);
  const known = [...urls, process.env.PGPASSWORD ?? ''].filter((password) => password !== '');
  return known.reduce(
    (masked, password) => masked.replaceAll(password, '***'),
    withoutCredentials(text),
  );
}

/** As the URL spells it, and decoded. */
function passwordsIn(url: string): string[] {
  const [, spelled] = /:\/\/[^:]*:(.*)@/.exec(url) ?? [];
  if (spelled === undefined) return [];
  try {
    return [spelled, decodeURIComponent(spelled)];
  } catch {
    return [spelled];
  }
}
