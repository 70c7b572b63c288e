/** Signals that ask a process to end, and the exit codes that tell of them. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

type EndingSignal = keyof typeof EXIT_CODES;

/**
 * One Ctrl-C may come twice: from the terminal, and from npx, which hands its own on. What comes
 * that soon is the same one, in milliseconds.
 */
const SAME_KEYSTROKE_MS = 300;

/** The wish to end, turned into an AbortSignal. */
export class Interruption {
  readonly #controller = new AbortController();
  readonly #endNow: (exitCode: number) => void;
  #exitCode: number | undefined;
  #since = 0;

  /** @param endNow - called at the second signal */
  constructor(endNow: (exitCode: number) => void) {
    this.#endNow = endNow;
  }

  /** Aborted by the first signal. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** That of the first signal, once there was one. */
  get exitCode(): number | undefined {
    return this.#exitCode;
  }

  /**
   * Listens for signals.
   *
   * @returns what ends that
   */
  listen(): () => void {
    const names = Object.keys(EXIT_CODES) as EndingSignal[];
    const listener = (name: NodeJS.Signals) => this.#on(name as EndingSignal);
    for (const name of names) process.on(name, listener);
    return () => {
      for (const name of names) process.off(name, listener);
    };
  }

  #on(name: EndingSignal): void {
    if (this.#exitCode === undefined) {
      this.#exitCode = EXIT_CODES[name];
      this.#since = performance.now();
      this.#controller.abort(new Error(name));
    } else if (performance.now() - this.#since > SAME_KEYSTROKE_MS) {
      this.#endNow(EXIT_CODES[name]);
    }
  }
}
