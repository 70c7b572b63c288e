/** The signals that stop a process, and their exit codes. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

type StopSignal = keyof typeof EXIT_CODES;

/**
 * A single Ctrl-C may arrive twice: from the terminal and from npx, which forwards its own. Signals
 * within this many milliseconds count as one.
 */
const SAME_KEYSTROKE_MS = 300;

/** Aborts an AbortSignal at the first SIGINT or SIGTERM, and exits at the second. */
export class Interruption {
  readonly #controller = new AbortController();
  readonly #exit: (exitCode: number) => void;
  #exitCode: number | undefined;
  #since = 0;

  /** @param exit - called at the second signal */
  constructor(exit: (exitCode: number) => void) {
    this.#exit = exit;
  }

  /** Aborted by the first signal. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The exit code for the first signal; undefined before. */
  get exitCode(): number | undefined {
    return this.#exitCode;
  }

  /**
   * Starts listening for signals.
   *
   * @returns a function that stops listening
   */
  listen(): () => void {
    const names = Object.keys(EXIT_CODES) as StopSignal[];
    const listener = (name: NodeJS.Signals) => this.#onSignal(name as StopSignal);
    for (const name of names) process.on(name, listener);
    return () => {
      for (const name of names) process.off(name, listener);
    };
  }

  #onSignal(name: StopSignal): void {
    if (this.#exitCode === undefined) {
      this.#exitCode = EXIT_CODES[name];
      this.#since = performance.now();
      this.#controller.abort(new Error(name));
    } else if (performance.now() - this.#since > SAME_KEYSTROKE_MS) {
      this.#exit(EXIT_CODES[name]);
    }
  }
}
