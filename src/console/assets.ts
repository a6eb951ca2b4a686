import type { Context } from 'hono';
import base from './assets/base.css';
import css from './assets/console.css';
import script from './assets/console.browser.js';

const FILES = {
  'base.css': { text: base, type: 'text/css; charset=utf-8' },
  'console.css': { text: css, type: 'text/css; charset=utf-8' },
  'console.js': { text: script, type: 'text/javascript; charset=utf-8' },
} as const;

/** The address of a file; it changes with the content, so browsers may keep what they have. */
export function assetUrl(name: keyof typeof FILES): string {
  return `/console/assets/${name}?v=${checksum(FILES[name].text)}`;
}

/** Serves the stylesheet and the script; null for other names. */
export function sendAsset(c: Context, name: string): Response | null {
  const file = Object.entries(FILES).find(([known]) => known === name)?.[1];
  return file === undefined ? null : sendText(c, file);
}

/** A file that is part of the Worker. */
export function sendText(c: Context, { text, type }: { text: string; type: string }): Response {
  return c.body(text, 200, {
    'content-type': type,
    'cache-control': c.req.query('v') === undefined ? 'no-cache' : 'public, max-age=31536000, immutable',
  });
}

/** FNV-1a: enough to tell one version of a file from the next. */
export function checksum(text: string): string {
  let hash = 0x81_1c_9d_c5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01_00_01_93);
  return (hash >>> 0).toString(36);
}
