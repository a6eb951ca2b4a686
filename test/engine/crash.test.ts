import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Kill } from '../support/effects.ts';
import { startRelay, video } from '../support/relay.ts';

/** More effects than one tick of one task has; the test says so where that stops being true. */
const MOST_EFFECTS = 60;
const PHASES = ['post', 'tick'] as const;

/** One task from the post to its callback, with one effect of the post or of the first tick gone wrong. */
async function liveThrough(phase: (typeof PHASES)[number], kill: Kill) {
  const relay = await startRelay({ timeScale: 0.05, vars: { TICK_SECONDS: '9' } });
  const receiver = relay.receiver('hooks.example.com');
  const { key } = await relay.client();
  const body = video('a fox', { callback_url: 'https://hooks.example.com/1' });
  // Who sends a key may ask again after a lost answer; who sends none pays for each task that was accepted.
  const headers = kill.survives === true ? {} : { 'idempotency-key': 'row 42' };
  const post = async () => await relay.as(key).post('/v1/tasks', body, headers);

  if (phase === 'post') relay.restart({ kill });
  const first = await post();
  if (phase === 'tick') {
    relay.restart({ kill });
    await relay.tick().catch(() => undefined);
  }
  const { wasHit } = relay.effects;

  relay.restart();
  relay.clock.advance(60_000);
  // A caller that got no answer asks again.
  const accepted = first.status === 202 ? first : await post();
  const task = async () => (await relay.as(key).get(`/v1/tasks/${accepted.body.id}`)).body;
  await relay.tickUntil(async () => (await task()).callback.state === 'delivered');
  const upstreamTasks = relay.simulator.snapshot().tasks;
  return { wasHit, task: await task(), upstreamTasks, received: receiver.received };
}

// A killed process logs what it met; here that is the subject, not news.
beforeEach(() => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
});

describe.each([
  ['a process killed', false],
  ['a single failure of D1 or of the network', true],
] as const)('%s', (_what, survives) => {
  it.each(PHASES.flatMap((phase) => [[phase, 'before'] as const, [phase, 'after'] as const]))(
    'during the %s, %s any effect, leaves one upstream task, one webhook-id, and a task that ends',
    async (phase, when) => {
      for (let at = 1; at <= MOST_EFFECTS; at++) {
        const { wasHit, task, upstreamTasks, received } = await liveThrough(phase, { at, when, survives });
        const where = `${when} effect ${at} of the ${phase}`;
        expect(task, where).toMatchObject({ state: 'succeeded', callback: { state: 'delivered' } });
        expect(upstreamTasks, where).toHaveLength(1);
        expect(upstreamTasks[0]?.requestId, where).toBe(task.id);
        expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size, where).toBe(1);
        expect(new Set(received.map(({ body }) => body)).size, where).toBe(1);
        expect(received.length, where).toBeLessThanOrEqual(2);
        if (!wasHit) return;
      }
      throw new Error(`the ${phase} has more than ${MOST_EFFECTS} effects: raise the bound`);
    },
    120_000,
  );
});
