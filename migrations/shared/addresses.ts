const IPV4 = '[0-9]{1,3}([.][0-9]{1,3}){3}';
const GROUP = '[0-9A-Fa-f]{1,4}';
const IPV6 = [
  `(${GROUP}:){7}${GROUP}`,
  `(${GROUP}:){6}${IPV4}`,
  `(${GROUP}(:${GROUP}){0,6})?::((${GROUP}:){0,6}(${GROUP}|${IPV4}))?`,
].join('|');

/**
 * An address that stands by itself: bare, bracketed, quoted or labelled, with port, prefix length
 * or zone, in a URL, or in a list such as X-Forwarded-For. Within hex, Base64, bcrypt, argon2 or a
 * colon-separated digest it never stands so. No backslashes: standard_conforming_strings may be off.
 * Case-sensitive: without case folding, it matches the same in every locale.
 */
const ADDRESS = [
  `(^|[^0-9A-Za-z./+$_-])/*${IPV4}[.]?($|[^0-9A-Za-z.+$])`,
  `(^|[^0-9A-Za-z./+$_:-])/*(${IPV6})(:[0-9]{1,5})?($|[^0-9A-Za-z.+$:])`,
].join('|');

/**
 * SQL: whether a text looks like an IP address. Every address has a dot or a colon, and looking for
 * these first spares hex and Base64 the regular expression.
 */
export function looksLikeAddress(text: string): string {
  return `(pg_catalog.strpos(${text}, '.') > 0 OR pg_catalog.strpos(${text}, ':') > 0) AND ${text} ~ '${ADDRESS}'`;
}
