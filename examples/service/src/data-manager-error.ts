/** What an answer other than 2xx says. */
export interface ApiError {
  /** Google's own word for it, else `HTTP_503`. */
  readonly code: string;
  readonly message: string;
  /** The code of each event that is named, by its place in the request. */
  readonly events: ReadonlyMap<number, string>;
  /** One event may be at fault, though none is named. */
  readonly isOfSomeEvent: boolean;
  /** The time of the next attempt that the server asks for. */
  readonly retryAt: Date | undefined;
}

/** Google's error model, as far as it is looked at. */
interface ErrorBody {
  readonly error?: {
    readonly status?: string;
    readonly message?: string;
    readonly details?: readonly {
      readonly '@type': string;
      readonly reason?: string;
      readonly fieldViolations?: readonly { readonly field: string; readonly reason?: string }[];
    }[];
  };
}

const LONGEST_WAIT_MS = 6 * 60 * 60 * 1000;

/** Reads an answer that refuses; whatever stands between may answer something else than JSON. */
export async function readError(response: Response): Promise<ApiError> {
  const text = await response.text();
  const { error } = parse(text);
  const details = error?.details ?? [];
  const reason = details.find((detail) =>
    detail['@type'].endsWith('/google.rpc.ErrorInfo'),
  )?.reason;
  const code = reason ?? error?.status ?? `HTTP_${response.status}`;
  const violations = details.flatMap(({ fieldViolations = [] }) => fieldViolations);
  const events = violations.flatMap(({ field, reason: why }): [number, string][] => {
    const index = /\bevents\[(\d+)\]/.exec(field)?.[1];
    return index === undefined ? [] : [[Number(index), why ?? code]];
  });
  return {
    code,
    message: error?.message ?? `HTTP ${response.status}`,
    events: new Map(events),
    isOfSomeEvent:
      response.status === 400 && !violations.some(({ field }) => field.startsWith('destinations')),
    retryAt: retryAfter(response.headers.get('retry-after')),
  };
}

function parse(text: string): ErrorBody {
  try {
    return JSON.parse(text) as ErrorBody;
  } catch {
    return {};
  }
}

/** The header holds seconds, or a date. */
function retryAfter(header: string | null): Date | undefined {
  if (header === null) return undefined;
  const seconds = Number(header);
  const at = Number.isNaN(seconds) ? Date.parse(header) : Date.now() + seconds * 1000;
  return Number.isNaN(at) ? undefined : new Date(Math.min(at, Date.now() + LONGEST_WAIT_MS));
}
