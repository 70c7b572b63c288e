/** Options whose names are no ordinary words: where one stands in a message, it is the option. */
const UNMISTAKABLE =
  /\b(databaseUrl|createSchema|migrationsTable|dryRun|allowDataLoss|migrationLockTimeoutMs|lockTimeoutMs|statementTimeoutMs|timeoutMs)\b(: true|:)?/g;

/** What the API says of its options, and how a command line says it. */
const PHRASES: readonly (readonly [RegExp, string])[] = [
  [/^(schema|count|target)\b/, '--$1'],
  [/\bBoth count and target\b/, 'Both --count and --target'],
  [/\bPass count \(Infinity for all\) or target\b/, 'Pass --count (a number, or all) or --target'],
  [/\bor Infinity\b/, 'or all'],
  [/\bdirection '(up|down)'/, '$1'],
  [/\bneither databaseUrl nor dbClient, and neither\b/, 'neither --database-url, nor'],
];

/** A sentence of the API with flags for its options: `--lock-timeout-ms` for `lockTimeoutMs`. */
export function inFlags(sentence: string): string {
  return PHRASES.reduce((text, [from, to]) => text.replace(from, to), sentence).replace(
    UNMISTAKABLE,
    (_, name: string) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
  );
}
