import { describe, expect, it, vi } from 'vitest';
import { Receiver } from '../support/receiver.ts';
import type { ScriptedAnswer } from '../support/receiver.ts';
import { startRelay, video } from '../support/relay.ts';
import type { Relay } from '../support/relay.ts';

const WAITING = 150;
const MINUTE_MS = 60_000;

/** So many crons that start at one instant, a minute after the ones before; at once, where these were killed. */
async function minute(relay: Relay, crons: number): Promise<void> {
  const startedAt = relay.clock.now();
  const ticks = await Promise.allSettled(Array.from({ length: crons }, async () => await relay.tick()));
  if (ticks.some(({ status }) => status === 'rejected')) relay.restart();
  else relay.clock.advance(Math.max(0, startedAt + MINUTE_MS - relay.clock.now()));
}

/** The process dies when this receiver is called next, which answers all the same. */
function killAtNextCall(relay: Relay, receiver: Receiver): void {
  vi.spyOn(receiver, 'answer').mockImplementationOnce(async (...call) => {
    relay.effects.die();
    return await Receiver.prototype.answer.apply(receiver, call);
  });
}

describe('a host that was silent for minutes, with 150 callbacks waiting for it,', () => {
  it.each([
    ['one cron', 1, false],
    ['two crons at once', 2, false],
    ['two crons at once, and a kill at its first answer', 2, true],
  ])(
    'has all of them within 60 s of its first answer: %s',
    async (_, crons, isKilled) => {
      vi.spyOn(console, 'error').mockImplementation(() => undefined);
      const vars = { SUBREQUEST_BUDGET: '9000', UPSTREAM_API_KEY: 'sk-sandbox-unlimited' };
      const relay = await startRelay({ timeScale: 0, vars });
      const script: ScriptedAnswer[] = ['hang'];
      const receiver = relay.receiver('hooks.example.com', script);
      const { key } = await relay.client();
      for (let row = 0; row < WAITING; row++)
        await relay
          .as(key)
          .post('/v1/tasks', video('', { callback_url: `https://hooks.example.com/${row}` }));
      for (let minutes = 0; minutes < 6; minutes++) await minute(relay, crons);
      const whileSilent = receiver.received.length;
      expect(whileSilent).toBeGreaterThan(5);

      script[0] = { status: 200 };
      if (isKilled) killAtNextCall(relay, receiver);
      for (let minutes = 0; minutes < 7; minutes++) await minute(relay, crons);
      const taken = receiver.received.slice(whileSilent);
      expect(new Set(taken.map(({ headers }) => headers['webhook-id'])).size).toBe(WAITING);
      // The one whose answer was lost comes again.
      expect(taken).toHaveLength(WAITING + Number(isKilled));
      expect((taken.at(-1)?.at ?? 0) - (taken[0]?.at ?? 0)).toBeLessThan(MINUTE_MS);
    },
    120_000,
  );
});
