/** Returns the options, and the flags, that install into a schema of its own. */
export function anotherSchema(schema: string): string {
  const other = schema === 'tracking' ? 'conversion_tracking' : 'tracking';
  return `pass schema: '${other}' and createSchema: true (--schema ${other} --create-schema)`;
}
