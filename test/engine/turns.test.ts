import { describe, expect, it } from 'vitest';
import { startRelay, video } from '../support/relay.ts';
import type { Relay } from '../support/relay.ts';
import { largestGapMs, logPolls } from '../support/poll-log.ts';

const MINUTE_MS = 60_000;
const BUDGET = 45;
const FREE = { SUBREQUEST_BUDGET: String(BUDGET), UPSTREAM_API_KEY: 'sk-sandbox-unlimited' };

async function post(relay: Relay, key: string, count: number): Promise<void> {
  for (let row = 0; row < count; row++) await relay.as(key).post('/v1/tasks', video('[never]'));
}

/** Crons, a minute apart; how often each polled. */
async function minutes(relay: Relay, count: number): Promise<number[]> {
  const polls: number[] = [];
  for (let minute = 0; minute < count; minute++) {
    const startedAt = relay.clock.now();
    polls.push((await relay.tick()).polls);
    relay.clock.advance(Math.max(0, startedAt + MINUTE_MS - relay.clock.now()));
  }
  return polls;
}

describe('more running tasks than the Free plan has requests for', () => {
  it.each([20, 60, 150])('are all polled by turns, however long they run: %i', async (count) => {
    const relay = await startRelay({ vars: FREE });
    const { key } = await relay.client();
    await post(relay, key, count);
    const polls = logPolls(relay);
    const startedAt = relay.clock.now();
    await minutes(relay, 12);
    expect(polls.size).toBe(count);
    const fairMs = (MINUTE_MS * count) / BUDGET;
    expect(largestGapMs(polls, startedAt + 2 * fairMs, relay.clock.now())).toBeLessThan(1.5 * fairMs);
  });
});

describe('tasks that wait for their key', () => {
  it('do not keep the running ones from being polled', async () => {
    const relay = await startRelay({ vars: FREE });
    await relay.upstreamKey({ key: 'sk-sandbox-unlimited', activeLimit: 4 });
    const { key } = await relay.client();
    await post(relay, key, 304);
    const log = logPolls(relay);
    const startedAt = relay.clock.now();
    const polls = await minutes(relay, 26);
    for (const count of polls) expect(count).toBeGreaterThanOrEqual(4);
    expect(largestGapMs(log, startedAt, relay.clock.now())).toBeLessThan(90_000);
  }, 60_000);
});
