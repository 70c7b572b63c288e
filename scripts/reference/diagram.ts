import type { CatalogueTable, Contents } from '../../src/schema/catalogue.ts';

/** The tables and their foreign keys, as Mermaid draws them. */
export function renderDiagram({ tables }: Contents): string {
  const entities = Object.entries(tables).map(([name, table]) => entity(name, table));
  const relations = Object.entries(tables).flatMap(([name, { constraints, columns }]) =>
    Object.values(constraints).flatMap(({ definition }) => {
      const [, column = '', other] =
        /^FOREIGN KEY \((\w+)\) REFERENCES (?:\{schema\}\.(?=\w+\()|\{)(\w+)/.exec(definition) ??
        [];
      if (other === undefined) return [];
      const atOne = columns[column]?.notNull ? '||' : '|o';
      return [`  ${other} ${atOne}--o{ ${name} : "${column}"`];
    }),
  );
  return ['erDiagram', '  direction LR', ...relations, ...entities].join('\n');
}

function entity(name: string, { columns, constraints }: CatalogueTable): string {
  const keyOf = (column: string) => {
    const kinds = Object.values(constraints)
      .filter((constraint) => constraint.columns.length === 1 && constraint.columns[0] === column)
      .map(({ definition }) => definition.split(' ')[0]);
    if (kinds.includes('PRIMARY')) return ' PK';
    if (kinds.includes('FOREIGN')) return ' FK';
    return kinds.includes('UNIQUE') ? ' UK' : '';
  };
  const lines = Object.entries(columns).map(
    ([column, { type }]) => `    ${wordOf(type)} ${column}${keyOf(column)}`,
  );
  return `  ${name} {\n${lines.join('\n')}\n  }`;
}

/** A type in one word. */
function wordOf(type: string): string {
  return type.replace('timestamp with time zone', 'timestamptz').replace(/\(.*\)/, '');
}
