import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { hashEmail, hashIp } from '../../src/queue/index.ts';

describe('hashEmail()', () => {
  // The vectors of Google's documentation of Enhanced Conversions.
  test.each([
    [
      'cloudy.sanfrancisco+shopping@gmail.com',
      '223ebda6f6889b1494551ba902d9d381daf2f642bae055888e96343d53e9f9c4',
    ],
    [
      'user.name+NYC@Example.com',
      'f109a2a632fbcea5fc82049f50beed3d8621bf9034399f437fb622222acccdac',
    ],
  ])('%s', (email, hash) => {
    expect(hashEmail(email)).toBe(hash);
  });

  test.each([
    [' Cloudy.SanFrancisco@Gmail.com\n', 'cloudysanfrancisco@gmail.com'],
    ['cloudy san.francisco@googlemail.com', 'cloudysanfrancisco@googlemail.com'],
    ['Jane.Doe@example.com', 'jane.doe@example.com'],
    ['JÖRG@Bücher.example', 'jörg@bücher.example'],
  ])('%j is the same address as %s', (one, other) => {
    expect(hashEmail(one)).toBe(hashEmail(other));
  });

  test('keeps dots and plus signs outside of Gmail, and distinguishes domains', () => {
    const all = [
      'ab@example.com',
      'a.b@example.com',
      'ab+c@example.com',
      'ab@gmail.com',
      'ab@googlemail.com',
    ];
    expect(new Set(all.map(hashEmail)).size).toBe(all.length);
  });

  test.each([
    '',
    'jane',
    '@gmail.com',
    'jane@',
    'jane@doe@example.com',
    ' @ ',
    '+x@gmail.com',
    '.@gmail.com',
    'Jane <jane@example.com>',
    'mailto:jane@example.com',
    'jane@example.com,',
    'jane@example.com;',
    'jane\u200b@example.com',
    'jane@example.com\u200b',
    'jane@example',
    'jane@.com',
    '"jane"@example.com',
  ])('%j is refused, and not part of the message', (email) => {
    expect(() => hashEmail(email)).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message:
          'The email address is invalid. Pass an address like jane@example.com, without a display name.',
      }),
    );
  });
});

test('hashEmail() and hashIp() of null or undefined are null', () => {
  const KEY = 'sixteen bytes...';
  expect([hashEmail(null), hashEmail(undefined)]).toEqual([null, null]);
  expect([hashIp(null, KEY), hashIp(undefined, KEY)]).toEqual([null, null]);
});

test.each([42, {}, ['jane@example.com']])('%j is refused as an address', (value) => {
  const invalid = expect.objectContaining({ code: 'INVALID_ARGUMENT' });
  expect(() => hashEmail(value as unknown as string)).toThrow(invalid);
  expect(() => hashIp(value as unknown as string, 'sixteen bytes...')).toThrow(invalid);
});

describe('hashIp()', () => {
  const KEY = 'a secret of 32 bytes, or so it is';

  test('is HMAC-SHA-256 in hex', () => {
    const expected = createHmac('sha256', KEY).update('192.0.2.7').digest('hex');
    expect(hashIp('192.0.2.7', KEY)).toBe(expected);
    expect(hashIp('192.0.2.7', Buffer.from(KEY))).toBe(expected);
  });

  test.each([
    ['2001:0DB8:0000:0000:0000:0000:0000:0001', '2001:db8::1'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:c000:0207', '192.0.2.7'],
    ['fe80::1%eth0', 'fe80::1'],
    [' 192.0.2.7 ', '192.0.2.7'],
  ])('%j is the same address as %s', (one, other) => {
    expect(hashIp(one, KEY)).toBe(hashIp(other, KEY));
  });

  test('differs for other addresses and other keys', () => {
    const all = [
      hashIp('192.0.2.7', KEY),
      hashIp('192.0.2.8', KEY),
      hashIp('::192.0.2.7', KEY),
      hashIp('192.0.2.7', `${KEY}.`),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  test.each(['', '192.0.2', '192.0.2.7:80', '192.0.2.7, 10.0.0.1', 'unknown'])(
    '%j is refused, and not part of the message',
    (ip) => {
      expect(() => hashIp(ip, KEY)).toThrow(
        expect.objectContaining({
          code: 'INVALID_ARGUMENT',
          message: 'The IP address is invalid. Pass one IPv4 or IPv6 address without a port.',
        }),
      );
    },
  );

  test.each([undefined, null, 42, ''])('the key %j is refused', (key) => {
    expect(() => hashIp('192.0.2.7', key as unknown as string)).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        hint: 'Generate one with: openssl rand -hex 32',
      }),
    );
  });

  test('a key of fewer than 16 bytes is refused, and not part of the message', () => {
    expect(() => hashIp('192.0.2.7', 'fifteen bytes..')).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message:
          'The key is missing or shorter than 16 bytes. Generate one with: openssl rand -hex 32',
      }),
    );
    expect(hashIp('192.0.2.7', 'sixteen bytes...')).toMatch(/^[0-9a-f]{64}$/);
  });
});
