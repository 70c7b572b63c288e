/** A file of the package. */
export interface PackedFile {
  readonly path: string;
  readonly size: number;
}

/** What a file may be, by the first pattern that fits. */
const KINDS = [
  { kind: 'migrations', pattern: /^dist\/migrations\/[^/]+\.js$/ },
  { kind: 'modules', pattern: /^dist\/src\/.+\.js$/ },
  { kind: 'commonjs', pattern: /^dist\/commonjs\/[^/]+\.(cjs|d\.cts)$/ },
  { kind: 'declarations', pattern: /^dist\/types\/.+\.d\.ts$/ },
  { kind: 'documents', pattern: /^docs\/|^(README|CHANGELOG)\.md$|^LICENSE$/ },
  { kind: 'examples', pattern: /^examples\// },
  { kind: 'settings', pattern: /^(package\.json|node-pg-migrate\.config\.js)$/ },
  { kind: 'others', pattern: /^/ },
] as const;

/** The files of one kind. */
export interface Share {
  readonly kind: (typeof KINDS)[number]['kind'];
  readonly files: number;
  readonly bytes: number;
}

/** How much there is of each kind. */
export function contentsOf(files: readonly PackedFile[]): readonly Share[] {
  const kindOf = ({ path }: PackedFile) => KINDS.find(({ pattern }) => pattern.test(path))?.kind;
  return KINDS.map(({ kind }) => {
    const own = files.filter((file) => kindOf(file) === kind);
    return { kind, files: own.length, bytes: own.reduce((sum, { size }) => sum + size, 0) };
  });
}
