import type { MigrationEvent } from '../index.ts';
import { milliseconds, singleLine, stylesFor, type Writer } from './terminal.ts';

/** Prints the progress of a run until stopped. */
export interface Progress {
  readonly onEvent: (event: MigrationEvent) => void;
  stop(): void;
}

/** Prints nothing, for `--json`. */
export const NO_PROGRESS: Progress = { onEvent: () => {}, stop: () => {} };

/** Starts a spinner on a terminal; elsewhere prints a line for each step that has finished. */
export async function startProgress(writer: Writer): Promise<Progress> {
  const { dim, success, warning } = stylesFor(writer);
  const spinner = await startSpinner(writer);
  const print = (line: string) => writer.write(`${line}\n`);
  return {
    onEvent(event) {
      const text = singleLine(describe(event));
      switch (event.type) {
        case 'applying':
          spinner?.show(text);
          break;
        case 'applied':
          print(`${success('✔')} ${text} ${dim(milliseconds(event.durationMs))}`);
          if (event.index === event.total) spinner?.show('committing');
          break;
        case 'warning':
          print(warning(`warning: ${text}`));
          break;
        case 'waiting':
        case 'retrying':
          if (spinner) spinner.show(warning(text));
          else print(text);
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
      const lockHolder = holder
        ? `, held by pid ${holder.pid} (${holder.applicationName || 'no application_name'}, user ${holder.user})`
        : '';
      return `waiting for the migration lock for ${seconds(waitedMs)}${lockHolder}`;
    }
    case 'retrying': {
      const { migration, attempt, delayMs } = event;
      const where = migration ? ` in ${migration}` : '';
      return `lock timeout${where}, rolled back: attempt ${attempt + 1} in ${seconds(delayMs)}`;
    }
    case 'warning':
      return event.message;
    case 'done':
      return '';
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

interface Spinner {
  show(text: string): void;
  stop(): void;
}

/** Starts a spinner if stderr is a terminal that can show one. */
async function startSpinner(writer: Writer): Promise<Spinner | undefined> {
  const { CI, TERM } = process.env;
  if (writer !== process.stderr || !writer.isTTY || TERM === 'dumb' || CI !== undefined) {
    return undefined;
  }
  const { default: yoctoSpinner } = await import('yocto-spinner');
  // Its own signal handlers would exit before the rollback.
  const spinner = yoctoSpinner({ text: 'connecting', handleSignals: false }).start();
  // Restores the cursor when a second Ctrl-C exits at once.
  process.once('exit', () => spinner.stop());
  return {
    show: (text) => {
      spinner.text = text;
    },
    stop: () => spinner.stop(),
  };
}
