import { describe, expect, it } from 'vitest';
import { startRelay, video } from '../support/relay.ts';

describe('a burst of posts', () => {
  it('is asked for as far as upstream takes it, and each post makes one task', async () => {
    const relay = await startRelay({ vars: { UPSTREAM_API_KEY: 'sk-sandbox-unlimited' } });
    const { key } = await relay.client();
    const rounds = Array.from({ length: 3 }, (_, round) => round);
    const states: string[] = [];
    for (const round of rounds) {
      const posts = await Promise.all(
        Array.from(
          { length: 12 },
          async (_, row) =>
            await relay
              .as(key)
              .post('/v1/tasks', video(`${round} ${row}`), { 'Idempotency-Key': `${round} ${row}` }),
        ),
      );
      expect(posts.map(({ status }) => status)).toEqual(posts.map(() => 202));
      states.push(...posts.map(({ body }) => body.state));
    }
    // The first eight, and those that found room again; nobody waits behind a key that takes all.
    expect(states.filter((state) => state === 'running').length).toBeGreaterThanOrEqual(24);
    const waiting = states.length - states.filter((state) => state === 'running').length;
    expect(relay.simulator.snapshot().tasks).toHaveLength(states.length - waiting);
    await relay.tick();
    expect(relay.simulator.snapshot().tasks).toHaveLength(states.length);
  });
});
