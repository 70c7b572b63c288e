import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { googleAdsFault, googleAdsOutcome } from '../../src/queue/index.ts';
import { needTool, programOf } from '../support/tools.ts';

test.each([
  ['ORDER_ID_ALREADY_IN_USE', 'complete', undefined],
  ['DUPLICATE_TRANSACTION_ID', 'complete', undefined],
  ['TOO_RECENT_EVENT', 'retry_later', 'moment'],
  ['CLICK_NOT_FOUND', 'retry_later', 'moment'],
  ['NOT_ALLOWLISTED', 'retry_later', 'account'],
  ['EXPIRED_EVENT', 'permanent', 'entry'],
  ['INTERNAL_ERROR', 'retry', 'moment'],
  ['SOMETHING_NEW', 'retry', undefined],
  ['PROCESSING_ERROR_REASON_DUPLICATE_TRANSACTION_ID', 'complete', undefined],
  ['PROCESSING_ERROR_OPERATING_ACCOUNT_MISMATCH_FOR_AD_IDENTIFIER', 'retry_later', 'account'],
  ['PROCESSING_ERROR_REASON_EVENT_TOO_OLD', 'permanent', 'entry'],
  ['ConversionUploadError.EXPIRED_EVENT', 'permanent', 'entry'],
  ['PROCESSING_ERROR_REASON_SOMETHING_NEW', 'retry', undefined],
  ['', 'retry', undefined],
])('googleAdsOutcome(%j) is %s, googleAdsFault() is %s', (code, outcome, fault) => {
  expect([googleAdsOutcome(code), googleAdsFault(code)]).toEqual([outcome, fault]);
});

/** Values that name no cause: they are retried as unknown codes are. */
const SAY_NOTHING = [
  'ERROR_REASON_UNSPECIFIED',
  'INVALID_ARGUMENT',
  'PROCESSING_ERROR_REASON_UNSPECIFIED',
  'TOO_MANY_ELEMENTS',
];

/** Values of other calls: audiences, user lists and their licenses, partner links, and requests for a status. */
const NOT_OF_A_CONVERSION = [
  'ADVERTISER_NOT_ALLOWLISTED_FOR_THIRD_PARTY_PARTNER_DATA',
  'ADVERTISER_NOT_ALLOWLISTED_FOR_UPLOADED_DATA',
  'ADVERTISER_TOS_NOT_ACCEPTED',
  'ALREADY_EXISTS',
  'BILLABLE_RECORD_COUNT_IMMUTABLE',
  'CANNOT_CREATE_LICENSE_FOR_SENSITIVE_USERLIST',
  'CANNOT_DISABLE_LICENSE',
  'CANNOT_LICENSE_LOGICAL_LIST_WITH_LICENSED_OR_SHARED_SEGMENT',
  'CANNOT_UPDATE_DISABLED_LICENSE',
  'COMMERCE_AUDIENCE_CAN_ONLY_BE_DIRECTLY_LICENSED',
  'COMMERCE_PARTNER_NOT_ALLOWED',
  'CUSTOMER_NOT_ALLOWED_TO_CREATE_LICENSE',
  'CUSTOMER_NOT_ALLOWLISTED_FOR_COMMERCE_AUDIENCE',
  'DATA_PARTNER_NOT_ALLOWLISTED_FOR_THIRD_PARTY_PARTNER_DATA',
  'DATA_PARTNER_USER_LIST_MUTATE_NOT_ALLOWED',
  'DISPLAY_NAME_ALREADY_USED',
  'IMMUTABLE_FIELD_FOR_UPDATE',
  'INSUFFICIENT_COST',
  'INVALID_AUDIENCE_MEMBER',
  'INVALID_CLIENT_ACCOUNT_ID',
  'INVALID_COMMERCE_PARTNER',
  'INVALID_COST_TYPE',
  'INVALID_DESCRIPTION',
  'INVALID_DISPLAY_NAME',
  'INVALID_FILTER',
  'INVALID_MEDIA_SHARE_COST',
  'INVALID_MOBILE_ID_FORMAT',
  'INVALID_PAGE_TOKEN',
  'INVALID_PRICING_END_DATE',
  'INVALID_REQUEST_ID',
  'INVALID_RESOURCE_NAME',
  'INVALID_UPDATE_MASK',
  'INVALID_USER_LIST_ID',
  'INVALID_USER_LIST_TYPE',
  'MAX_COST_NOT_ALLOWED',
  'MEDIA_SHARE_COST_NOT_ALLOWED_FOR_CLIENT_CUSTOMER',
  'MEDIA_SHARE_COST_NOT_ALLOWED_FOR_LICENSE_TYPE',
  'MEDIA_SHARE_COST_NOT_ALLOWED_FOR_NON_COMMERCE_USER_LIST',
  'MEMBERSHIP_DURATION_TOO_LONG',
  'MISMATCHED_ACCOUNT_TYPE',
  'MULTIPLE_DATA_TYPES_NOT_ALLOWED',
  'OWNERSHIP_REQUIRED_FOR_UPDATE',
  'PARTNER_MATCH_FOR_MANAGER_ACCOUNT_DISALLOWED',
  'PRICE_TOO_HIGH',
  'PRICING_ONLY_ZERO_COST_ALLOWED',
  'SENSITIVE_USER_LIST_IMMUTABLE',
  'TOO_MANY_AUDIENCE_MEMBERS',
  'UNSUPPORTED_ACCOUNT_TYPES_FOR_USER_LIST_TYPE',
  'UNSUPPORTED_ACCOUNT_TYPE_FOR_PARTNER_LINK',
  'UNSUPPORTED_INGESTED_USER_LIST_INFO_CONFIG',
  'UNSUPPORTED_PARTNER_AUDIENCE_INFO',
  'UNSUPPORTED_PARTNER_AUDIENCE_SOURCE',
  'UNSUPPORTED_USER_LIST_UPLOAD_KEY_TYPES',
  'USER_LIST_MUTATION_NOT_SUPPORTED',
  'USER_LIST_NAME_RESERVED',
  'USER_LIST_TYPE_NOT_SUPPORTED_FOR_ACCOUNT',
];

describe("the enums of Google's own client", () => {
  needTool('@google-ads/datamanager');

  test.each([
    ['ErrorReason', 'error.proto', 100],
    ['ProcessingErrorReason', 'processing_errors.proto', 25],
  ])(
    'each value of %s has an outcome, or is listed as none of a conversion',
    (name, file, least) => {
      const values = enumValues(name, file);
      expect(values.length).toBeGreaterThan(least);
      const mapped = values.filter(
        (value) => googleAdsFault(value) !== undefined || googleAdsOutcome(value) === 'complete',
      );
      const listed = [...SAY_NOTHING, ...NOT_OF_A_CONVERSION].filter((value) =>
        values.includes(value),
      );
      expect([...mapped, ...listed].sort()).toEqual(values.sort());
    },
  );
});

function enumValues(name: string, file: string): string[] {
  const folder = programOf('@google-ads/datamanager').replace(/[^/]+$/, '');
  const text = readFileSync(folder + file, 'utf8').replace(/\/\/.*/g, '');
  const [, body = ''] = new RegExp(`enum ${name} \\{([^}]*)\\}`).exec(text) ?? [];
  return [...body.matchAll(/(\w+)\s*=\s*\d+/g)].map(([, value = '']) => value);
}
