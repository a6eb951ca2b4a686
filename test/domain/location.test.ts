import { describe, expect, it } from 'vitest';

import { shownLocation } from '../../src/domain/location.ts';

const URL = 'https://api.example.com/callbacks';

describe('the log says where a redirect pointed, as it was sent', () => {
  it.each([
    'https://b.example.com/x?a=1#b',
    '/callbacks/',
    '../x',
    '//b.example.com/x',
    'https://b.example.com/@me',
    'https://b.example.com/?mail=me@example.com',
    'https://b.example.com/?next=https://c.example.com/@me',
    'mailto:me@example.com',
    'me@example.com/x',
    '::',
    '',
  ])('%s', (location) => {
    expect(shownLocation(location, URL)).toBe(location);
  });
});

describe('but without user info', () => {
  it.each([
    ['a name and a password', 'https://me:pw@b.example.com/x', 'https://b.example.com/x'],
    ['a name alone', 'https://pw@b.example.com/x', 'https://b.example.com/x'],
    ['a password alone', 'https://:pw@b.example.com/x', 'https://b.example.com/x'],
    ['an at sign in it', 'https://me:p@w@b.example.com/x', 'https://b.example.com/x'],
    ['spelled as URLs do', 'https://me:p%40pw@b.example.com/', 'https://b.example.com/'],
    ['without a scheme', '//me:pw@b.example.com/x', 'https://b.example.com/x'],
    ['with backslashes', 'https:\\\\me:pw@b.example.com\\x', 'https://b.example.com/x'],
    ['with too many slashes', 'https:////me:pw@b.example.com/x', 'https://b.example.com/x'],
    ['of http', 'http://me:pw@b.example.com/', 'http://b.example.com/'],
    ['of ftp', 'ftp://me:pw@b.example.com/', 'ftp://b.example.com/'],
    ['of an app', 'acme://me:pw@open/x', 'acme://open/x'],
    ['where nothing follows', 'https://me:pw@', 'https://'],
    ['where no host follows', 'https://me:pw@[::bad/x', 'https://[::bad/x'],
    ['where no port follows', '//me:pw@b.example.com:99999/', '//b.example.com:99999/'],
    [
      'in an address within',
      'https://b.example.com/?u=https://me:pw@c.example/',
      'https://b.example.com/?u=https://c.example/',
    ],
    ['in one within, spelled', '/?u=https%3A%2F%2Fme%3Apw%40c.example%2F', '/?u=https%3A%2F%2Fc.example%2F'],
  ])('%s', (_, location, expected) => {
    expect(shownLocation(location, URL)).toBe(expected);
    expect(shownLocation(location, URL)).not.toContain('pw');
  });
});

it('what is invisible in it is spelled out, and it is bounded', () => {
  expect(shownLocation('https://b.example/\u202Egpj.exe\u200B', URL)).toBe(
    'https://b.example/\\u202egpj.exe\\u200b',
  );
  const long = shownLocation(`https://b.example/${'é'.repeat(2_000)}`, URL);
  expect(new TextEncoder().encode(long).length).toBeLessThanOrEqual(1_024);
  expect(long).toMatch(/é…$/);
});
