import { execFileSync } from 'node:child_process';
import { contentsOf, type PackedFile } from './contents/contents.ts';

// Prints what the package consists of, by kind. Usage: npm run contents

const [packed]: readonly {
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly PackedFile[];
}[] = JSON.parse(
  execFileSync('npm', ['pack', '--dry-run', '--json', '--silent'], { encoding: 'utf8' }),
);
if (packed === undefined) throw new Error('npm has packed nothing.');
const line = (kind: string, files: number, bytes: number) =>
  `${kind.padEnd(12)} ${String(files).padStart(5)} ${(bytes / 1000).toFixed(1).padStart(8)}`;
const lines = contentsOf(packed.files).map(({ kind, files, bytes }) => line(kind, files, bytes));
console.log(
  [
    'kind         files       kB',
    ...lines,
    line('all', packed.files.length, packed.unpackedSize),
    line('tarball', 1, packed.size),
  ].join('\n'),
);
