import { exports, env } from 'cloudflare:workers';
import { expect, it } from 'vitest';
it('x', async () => {
  const r = await exports.default.fetch('http://x/');
  expect(await r.text()).toBe('Ringback');
  expect(env.TICK_SECONDS).toBe('55');
});
