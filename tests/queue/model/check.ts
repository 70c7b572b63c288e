import fc from 'fast-check';
import { type Command, command } from './commands.ts';
import { Model } from './model.ts';
import { WORKERS } from './pick.ts';
import { Workers } from './workers.ts';

export interface CheckOptions {
  readonly runs: number;
  readonly seed: number;
  /** To the smallest failure, or no further than the first. */
  readonly shrink: boolean;
  /** Default `any`. */
  readonly commands?: keyof typeof command;
}

const COMMANDS = 80;

/** Runs random commands on a database with the schema, and throws where the model expects otherwise. */
export async function checkAgainstModel(
  url: string,
  { runs, seed, shrink, commands = 'any' }: CheckOptions,
): Promise<void> {
  const workers = await Workers.start(url, WORKERS);
  try {
    await fc.assert(
      fc.asyncProperty(listsOf(command[commands]), async (list) => {
        const { at } = await workers.clear();
        const setup = () => ({ model: new Model(WORKERS, at), real: workers });
        await fc.asyncModelRun(setup, list);
      }),
      { numRuns: runs, seed, endOnFailure: !shrink, unbiased: true },
    );
  } finally {
    await workers.stop();
  }
}

function listsOf(one: fc.Arbitrary<Command>): fc.Arbitrary<Iterable<Command>> {
  return fc.commands([one], { maxCommands: COMMANDS, size: 'max' });
}
