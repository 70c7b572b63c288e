import { InvalidOptionError } from '../errors.ts';
import type { RunUploadsOptions } from './run-uploads.ts';

/** The limit of setTimeout: 2^31 - 1 ms, about 24 days. */
const LONGEST_MS = 2_147_483_647;

/**
 * Refuses what would use up the attempts of all entries, or poll without a pause.
 *
 * @throws {InvalidOptionError}
 */
export function checkUploadOptions(options: RunUploadsOptions): void {
  const { queue, upload, checkRequest, onEvent, signal, pollMs } = options;
  if (typeof queue?.claimConversions !== 'function') {
    throw invalid('queue', 'is not a tracking queue', 'Pass trackingQueue(pool).');
  }
  if (typeof upload !== 'function') throw notAFunction('upload');
  if (checkRequest !== undefined && typeof checkRequest !== 'function') {
    throw notAFunction('checkRequest');
  }
  if (onEvent !== undefined && typeof onEvent !== 'function') throw notAFunction('onEvent');
  if (!(signal instanceof AbortSignal)) {
    throw invalid('signal', 'is not an AbortSignal', 'Pass the signal of an AbortController.');
  }
  if (pollMs !== undefined && !(Number.isInteger(pollMs) && pollMs >= 1 && pollMs <= LONGEST_MS)) {
    throw invalid('pollMs', 'is not a number of milliseconds', `Pass 1 to ${LONGEST_MS}.`);
  }
}

function notAFunction(option: string): InvalidOptionError {
  return invalid(option, 'is not a function', 'Pass a function.');
}

function invalid(option: string, problem: string, hint: string): InvalidOptionError {
  return new InvalidOptionError(option, `runUploads: ${option} ${problem}.`, hint);
}
