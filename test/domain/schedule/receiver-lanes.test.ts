import { describe, expect, it } from 'vitest';
import { UNKNOWN_RECEIVER } from '../../../src/domain/receivers/health.ts';
import { paceOf, ReceiverLanes } from '../../../src/domain/schedule/receiver-lanes.ts';
import { T0 } from '../sample-task.ts';

const at = (clientId: string, host = 'hooks.example.com') => ({ host, clientId, url: `https://${host}/1` });
const mine = at('client_1');
/** Workato documents a rate for a workspace, which its addresses do not tell: for the host, then. */
const PER_HOST = [
  'https://webhooks.workato.com/webhooks/rest/a/b',
  'https://webhooks.workato.com/webhooks/rest/c/d',
];
const ANSWER = { answered: true, tookMs: 100 };
const SILENCE = { answered: false, tookMs: 15_000 };

describe('a receiver', () => {
  it('is unknown to everybody before its first callback', () => {
    expect(new ReceiverLanes().standing(mine, T0)).toBe('unknown');
  });

  it('is known by what one client’s callbacks met there, and by no other’s', () => {
    const lanes = new ReceiverLanes();
    lanes.saw(mine, SILENCE, T0);
    expect(lanes.standing(mine, T0)).toBe('silent');
    expect(lanes.standing(at('client_2'), T0)).toBe('unknown');
    expect(lanes.standing(at('client_1', 'other.example.com'), T0)).toBe('unknown');
  });

  it('is closed while its breaker is open, and not for longer', () => {
    const lanes = new ReceiverLanes();
    lanes.learn(mine.host, 'client_1', { ...UNKNOWN_RECEIVER, openUntil: T0 + 10, observedAt: T0 });
    expect([lanes.isOpen(mine, T0 + 9), lanes.isOpen(mine, T0 + 10)]).toEqual([true, false]);
    expect(lanes.isOpen(at('client_2'), T0)).toBe(false);
  });
});

describe('what was seen of a receiver', () => {
  it('is news until it is written; a write that fails leaves it so', () => {
    const lanes = new ReceiverLanes();
    lanes.saw(mine, SILENCE, T0);
    const { news } = lanes;
    expect(news).toMatchObject([{ host: mine.host, clientId: 'client_1', health: { silences: 1 } }]);
    // The write fails: nobody says that it is written.
    expect(lanes.news).toEqual(news);
    lanes.written(news);
    expect(lanes.news).toEqual([]);
  });

  it('while it was being written is news still', () => {
    const lanes = new ReceiverLanes();
    lanes.saw(mine, SILENCE, T0);
    const { news } = lanes;
    lanes.saw(mine, ANSWER, T0 + 1);
    lanes.written(news);
    expect(lanes.news).toMatchObject([{ health: { silences: 0, recoveredAt: T0 + 1 } }]);
  });

  it('is no news where it says nothing new', () => {
    const lanes = new ReceiverLanes();
    lanes.saw(mine, ANSWER, T0);
    lanes.written(lanes.news);
    lanes.saw(mine, ANSWER, T0 + 1_000);
    expect(lanes.news).toEqual([]);
  });

  it.each([
    ['newer here than in D1 stays', T0 - 1, 'silent'],
    ['as new here as in D1 stays', T0, 'silent'],
    ['newer in D1 than here is taken over: another invocation saw it answer', T0 + 1, 'proven'],
  ])('%s', (_, observedAt, standing) => {
    const lanes = new ReceiverLanes();
    lanes.saw(mine, SILENCE, T0);
    lanes.learn(mine.host, 'client_1', { ...UNKNOWN_RECEIVER, answeredAt: observedAt, observedAt });
    expect(lanes.standing(mine, T0 + 2)).toBe(standing);
  });

  it('is not forgotten where D1 knows nothing', () => {
    const lanes = new ReceiverLanes();
    lanes.saw(mine, SILENCE, T0);
    lanes.learn(mine.host, 'client_1', null);
    expect(lanes.standing(mine, T0)).toBe('silent');
    expect(lanes.news).toHaveLength(1);
  });
});

function lanesOf(...urls: string[]): (string | undefined)[] {
  return urls.map((url) => paceOf(url, new URL(url).host)?.lane);
}

describe('a receiver whose rate is documented', () => {
  const zapier = {
    clientId: 'client_1',
    host: 'hooks.zapier.com',
    url: 'https://hooks.zapier.com/hooks/catch/1/a',
  };

  const slots = { lane: zapier.url, from: T0, count: 2, intervalMs: 34 };

  it('is called at the instants that D1 hands out, each of which is used up by one call', () => {
    const lanes = new ReceiverLanes();
    expect(lanes.nextCallAt(zapier)).toBe(Infinity);
    lanes.grant(slots);
    expect(lanes.nextCallAt(zapier)).toBe(T0);
    lanes.useSlot(zapier, T0);
    expect(lanes.nextCallAt(zapier)).toBe(T0 + 34);
    lanes.useSlot(zapier, T0 + 34);
    expect(lanes.nextCallAt(zapier)).toBe(Infinity);
  });

  it('shares its pace with nobody whom the rate is not about', () => {
    const lanes = new ReceiverLanes();
    lanes.grant(slots);
    expect(lanes.nextCallAt(mine)).toBe(0);
    lanes.useSlot(mine, T0);
    expect(lanes.nextCallAt(zapier)).toBe(T0);
  });

  it('is a lane of its own for each URL where the rate is for a URL, and one for all where it is for the host', () => {
    const zaps = ['https://hooks.zapier.com/hooks/catch/1/a', 'https://hooks.zapier.com/hooks/catch/1/b'];
    expect(lanesOf(...zaps)).toEqual(zaps);
    expect(lanesOf(...PER_HOST)).toEqual(PER_HOST.map((url) => new URL(url).host));
    expect(paceOf('https://hooks.example.com/1', 'hooks.example.com')).toBeNull();
  });
});
