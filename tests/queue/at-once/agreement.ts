import assert from 'node:assert/strict';
import type { Entries, Entry } from '../model/entry.ts';
import type { Requests } from '../model/request.ts';
import { agreeOnRequests } from './agreement-on-requests.ts';
import type { Diary, SeenAnswer, SeenClaim, SeenRecord } from './worker.ts';

/** How often what was at stake has happened, over all workers. */
export interface Stakes {
  readonly claims: number;
  /** Claims of an entry that had been out before. */
  readonly again: number;
  readonly tooLate: number;
  readonly uploaded: number;
  readonly deadLetters: number;
  /** Uploads that the platform has rejected later. */
  readonly rejected: number;
  readonly checks: number;
  /** Results that differ from an earlier one. */
  readonly refused: number;
  readonly expired: number;
}

/** Whether what the workers have seen and what is there in the end can all be true. */
export function agree(
  diaries: readonly Diary[],
  entries: Entries,
  requests: Requests = new Map(),
): Stakes {
  const answers = diaries.flatMap((diary) => diary.answers);
  const claims = diaries.flatMap((diary) => diary.claims);
  agreeOnRecords(
    diaries.flatMap(({ records }) => records),
    entries,
  );
  const failed = answers.filter(({ does, applied }) => applied && does !== 'complete');
  const released = new Map(failed.map((answer) => [`${answer.lease_id} ${answer.id}`, answer]));
  assert.equal(released.size, failed.length, 'a claim has failed twice');
  const results = agreeOnRequests(diaries, requests);
  let rejections = 0;
  for (const entry of entries.values()) {
    const completed = answers.filter(
      ({ id, does, applied }) => id === entry.id && does === 'complete' && applied,
    );
    const rejected = completed.flatMap(
      ({ request_id }) => results.get(request_id ?? '')?.rejected.get(entry.id) ?? [],
    );
    rejections += rejected.length;
    const mine = claims.filter(({ id }) => id === entry.id).toSorted(oneAfterTheOther);
    const ended = mine.map((claim) => released.get(`${claim.lease_id} ${claim.id}`));
    agreeOnClaims(mine, ended, rejected.length);
    const isUploaded = Number(entry.status === 'uploaded');
    assert.equal(completed.length, rejected.length + isUploaded, `${entry.id} uploaded once`);
    agreeOnEnd(entry, ended, rejected);
  }
  const settlements = diaries.flatMap((diary) => diary.settlements);
  const status = (wanted: string) => [...entries.values()].filter((e) => e.status === wanted);
  return {
    claims: claims.length,
    again: claims.filter(({ retry_count }) => retry_count > 0).length,
    tooLate: answers.filter(({ applied }) => !applied).length,
    uploaded: status('uploaded').length,
    deadLetters: status('dead_letter').length,
    rejected: rejections,
    checks: diaries.flatMap(({ checks }) => checks).length,
    refused: settlements.filter(({ answer }) => !answer).length,
    expired: settlements.filter(({ answer }) => answer?.status === 'expired' && answer.applied)
      .length,
  };
}

/** One conversion for a deal, and one entry for each platform that anybody has asked for. */
function agreeOnRecords(records: readonly SeenRecord[], entries: Entries): void {
  const wanted = new Set<string>();
  for (const deal of new Set(records.map((record) => record.deal))) {
    const calls = records.filter((record) => record.deal === deal);
    assert.equal(calls.filter(({ is_new }) => is_new).length, 1, `${deal} is new once`);
    assert.equal(new Set(calls.map(({ id }) => id)).size, 1, `${deal} is one conversion`);
    for (const { id, platforms } of calls) for (const one of platforms) wanted.add(`${id} ${one}`);
  }
  const there = [...entries.values()].map((entry) => `${entry.conversion_id} ${entry.platform}`);
  assert.deepEqual(there.toSorted(), [...wanted].toSorted(), 'no entry lost, none twice');
}

/**
 * By the tries that had counted before, not by when their leases begin: a claim that has to search
 * twice gives all of its entries one lease, from its first search on, and the second one may find what
 * another worker has taken and given back meanwhile.
 */
function oneAfterTheOther(one: SeenClaim, other: SeenClaim): number {
  return one.retry_count - other.retry_count || one.from - other.from;
}

/**
 * Each has counted, and none begins before the one before has ended. A completion ends a claim as well;
 * if it is rejected, that is a try, of the claim that it ended or, if it came late, of none.
 */
function agreeOnClaims(
  claims: readonly SeenClaim[],
  ended: readonly (SeenAnswer | undefined)[],
  rejections: number,
): void {
  let ends = rejections;
  for (const [index, claim] of claims.entries()) {
    const before = claims[index - 1];
    if (before && before.until > claim.from && !ended[index - 1]) ends -= 1;
    assert(ends >= 0, `${claim.id} is out twice, with ${before?.lease_id} and ${claim.lease_id}`);
    assert(
      claim.retry_count >= index &&
        claim.retry_count <= index + rejections &&
        claim.retry_count > (before?.retry_count ?? -1),
      `a claim that ended is one try: ${JSON.stringify(claims)}, ended by ${JSON.stringify(ended)}`,
    );
  }
}

function agreeOnEnd(
  entry: Entry,
  ended: readonly (SeenAnswer | undefined)[],
  rejected: readonly ('retry' | 'permanent')[],
): void {
  // Its last claim never answered, and another one found that its tries were used up.
  const died = entry.error_code === 'LEASE_EXPIRED' && entry.retry_count === entry.max_retries;
  const open = Number(ended.length > 0 && ended.at(-1) === undefined && !died);
  const least = rejected.length === 0 ? ended.length - open : Math.max(0, ended.length - 1);
  const most = Math.min(ended.length - open + rejected.length, entry.max_retries);
  assert(
    entry.retry_count >= Math.min(least, most) && entry.retry_count <= most,
    `${entry.id} has the tries it had: ${entry.retry_count}, of ${least} to ${most}`,
  );
  const wasGivenUp = ended.at(-1)?.does === 'give up';
  if (entry.status === 'dead_letter' && !wasGivenUp && !rejected.includes('permanent')) {
    assert.equal(entry.retry_count, entry.max_retries, `${entry.id} is given up too early`);
  }
  if (entry.status === 'failed') assert(entry.retry_count < entry.max_retries);
}
