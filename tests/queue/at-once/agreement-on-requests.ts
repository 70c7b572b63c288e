import assert from 'node:assert/strict';
import { keyOf, type Requests } from '../model/request.ts';
import type { Diary, SeenSettlement } from './worker.ts';

/** The one final result of each request that has one. */
export type FinalResults = ReadonlyMap<string, SeenSettlement>;

/** A request has one result, and one check at a time. */
export function agreeOnRequests(diaries: readonly Diary[], requests: Requests): FinalResults {
  const settlements = diaries.flatMap((diary) => diary.settlements);
  const decisions = settlements.filter(
    ({ status, answer }) => status !== 'processing' && answer?.applied,
  );
  const results = new Map(decisions.map((one) => [one.request_id, one]));
  assert.equal(results.size, decisions.length, 'a request is settled twice');
  for (const { request_id, status, rejected, answer } of settlements) {
    const result = results.get(request_id);
    if (status === 'processing') continue;
    const isSame = status === result?.status && rejected.size === result.rejected.size;
    assert.equal(answer !== undefined, isSame, `another result of ${request_id} is refused`);
    if (answer) assert.equal(answer.rejected_count, rejected.size);
  }
  const recorded = new Set(
    diaries.flatMap(({ answers }) => answers.flatMap(({ request_id }) => request_id ?? [])),
  );
  assert.equal(requests.size, recorded.size, 'no request is lost');
  for (const request_id of recorded) {
    const request = requests.get(keyOf({ platform: 'google_ads', request_id }));
    const result = results.get(request_id);
    assert(request, `${request_id} is recorded`);
    assert.equal(request.rejected_count, result?.rejected.size ?? null);
    if (result) assert.equal(request.status, result.status);
    else assert(['processing', 'expired'].includes(request.status));
  }
  agreeOnChecks(diaries);
  return results;
}

/** Each is counted, and none begins before the one before has ended. */
function agreeOnChecks(diaries: readonly Diary[]): void {
  const checks = diaries.flatMap((diary) => diary.checks);
  const reported = new Set(
    diaries
      .flatMap(({ settlements }) => settlements)
      .filter(({ answer }) => answer?.applied)
      .map(({ lease_id, request_id }) => `${lease_id} ${request_id}`),
  );
  for (const id of new Set(checks.map(({ request_id }) => request_id))) {
    const mine = checks
      .filter(({ request_id }) => request_id === id)
      .toSorted((one, other) => one.check_count - other.check_count);
    for (const [index, check] of mine.entries()) {
      const before = mine[index - 1];
      assert.equal(check.check_count, index + 1, `each check of ${id} is counted`);
      assert(
        !before || before.until <= check.from || reported.has(`${before.lease_id} ${id}`),
        `${id} is checked twice, with ${before?.lease_id} and ${check.lease_id}`,
      );
    }
  }
}
