import { expect, it } from 'vitest';

import { isSafeLink } from '../../src/domain/safe-link.ts';

it.each([
  'https://cdn.example.com/1.mp4',
  'http://cdn.example.com/1.mp4?sig=a%2Fb&x=me@example.com',
  'https://cdn.example.com/@me/1.mp4',
  'HTTPS://CDN.EXAMPLE.COM/1.mp4',
  'https://cdn.example.com/größe.mp4',
])('is shown as a link: %s', (url) => {
  expect(isSafeLink(url)).toBe(true);
});

it.each([
  ['a script', 'javascript:alert(1)'],
  ['a script that only looks like the web', 'javascript://example.com/%0Aalert(1)'],
  ['data', 'data:text/html,<script>alert(1)</script>'],
  ['a file', 'file:///etc/passwd'],
  ['an object in memory', 'blob:https://example.com/0a1b'],
  ['an app', 'intent://example.com/#Intent;end'],
  ['a path', '/console/clients'],
  ['no scheme', '//evil.example/1.mp4'],
  ['a name and a password', 'https://bank.example:pw@evil.example/'],
  ['a name', 'https://bank.example@evil.example/'],
  ['an empty name', 'https://@evil.example/'],
  ['an empty name and password', 'https://:@evil.example/'],
  ['a name behind backslashes', 'https:\\\\bank.example@evil.example/'],
  ['a name behind too many slashes', 'https:////bank.example@evil.example/'],
  ['what turns the text around', 'https://evil.example/\u202E4pm.exe'],
  ['an isolate', 'https://evil.example/\u2066x\u2069'],
  ['a mark of direction', 'https://evil.example/\u200Fx'],
  ['an Arabic letter mark', 'https://evil.example/\u061Cx'],
  ['a space of no width', 'https://bank.example\u200B.evil.example/'],
  ['a joiner of words', 'https://evil.example/x\u2060'],
  ['a soft hyphen', 'https://evil.example/\u00ADx'],
  ['a byte order mark', '\uFEFFhttps://evil.example/'],
  ['a filler', 'https://evil.example/\u3164x'],
  ['a tag', 'https://evil.example/\u{E0041}'],
  ['white space', 'https://evil.example/a b'],
  ['a line break', 'https://evil.example/a\nb'],
  ['a space of another kind', 'https://evil.example/a\u2003b'],
  ['no host', 'https://'],
  ['too much', `https://evil.example/${'x'.repeat(5_000)}`],
  ['nothing', ''],
])('is no link: %s', (_, url) => {
  expect(isSafeLink(url)).toBe(false);
});
