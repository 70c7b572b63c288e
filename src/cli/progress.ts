import type { MigrationEvent } from '../index.ts';
import { onOneLine, paintFor, type Writer } from './colours.ts';

/** Says what goes on, until it is told to stop. */
export interface Progress {
  readonly onEvent: (event: MigrationEvent) => void;
  stop(): void;
}

/** Nothing is said: the caller reads a document. */
export const SILENT: Progress = { onEvent: () => {}, stop: () => {} };

/**
 * Tells a person what a run does: on a terminal with a spinner that shows what is under way, else
 * with a line for each step that is over.
 */
export async function startProgress(writer: Writer): Promise<Progress> {
  const { faint, good, warning } = await paintFor(writer);
  const spinner = await startSpinner(writer);
  const say = (line: string) => writer.write(`${line}\n`);
  return {
    onEvent(event) {
      const words = onOneLine(describe(event));
      switch (event.type) {
        case 'applying':
          spinner?.show(words);
          break;
        case 'applied':
          say(`${good('✔')} ${words} ${faint(milliseconds(event.durationMs))}`);
          if (event.index === event.total) spinner?.show('committing');
          break;
        case 'waiting':
        case 'retrying':
          if (spinner) spinner.show(warning(words));
          else say(words);
          break;
        case 'done':
          spinner?.stop();
      }
    },
    stop: () => spinner?.stop(),
  };
}

function describe(event: MigrationEvent): string {
  switch (event.type) {
    case 'applying':
    case 'applied':
      return `${event.index}/${event.total} ${event.direction} ${event.name}`;
    case 'waiting': {
      const { holder, waitedMs } = event;
      const who = holder
        ? `: pid ${holder.pid}, ${holder.applicationName || 'no application_name'}, user ${holder.user}`
        : '';
      return `waiting for another migrator, ${seconds(waitedMs)} so far${who}`;
    }
    case 'retrying':
      return `a table is locked${event.migration ? ` in ${event.migration}` : ''}: rolled back, try ${event.attempt + 1} in ${seconds(event.delayMs)}`;
    case 'done':
      return '';
  }
}

/** A duration for people. */
export function milliseconds(ms: number): string {
  return `${ms.toFixed(0)} ms`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

interface Spinner {
  show(words: string): void;
  stop(): void;
}

/** A spinner, where there is a terminal that can show one. */
async function startSpinner(writer: Writer): Promise<Spinner | undefined> {
  const { CI, TERM } = process.env;
  if (writer !== process.stderr || !writer.isTTY || TERM === 'dumb' || CI !== undefined) {
    return undefined;
  }
  const { default: yoctoSpinner } = await import('yocto-spinner');
  // Its own handling of signals would end the process before the rollback.
  const spinner = yoctoSpinner({ text: 'connecting', handleSignals: false }).start();
  // The cursor comes back though a second Ctrl-C ends the process at once.
  process.once('exit', () => spinner.stop());
  return {
    show: (words) => {
      spinner.text = words;
    },
    stop: () => spinner.stop(),
  };
}
