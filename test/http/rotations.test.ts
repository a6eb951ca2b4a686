import { env } from 'cloudflare:workers';
import { describe, expect, it, vi } from 'vitest';
import { startRelay } from '../support/relay.ts';
import { independentSignature } from './independent-signature.ts';

const HOOK = 'https://hooks.example.com/42';
const HOUR_MS = 3_600_000;
const NEW_KEY = 'hQd1m0uVb5sY3nZk7rT9wX2cJ8fLgP4eA6iOqUyNvBM=';

async function start() {
  const relay = await startRelay();
  const client = await relay.client();
  const receiver = relay.receiver('hooks.example.com');
  const rotate = async (): Promise<string> =>
    (await relay.admin().post(`/admin/clients/${client.id}/rotate-secret`)).body.signing_secret;
  /** Which of these secrets sign a callback that is sent now; every value of it has to be of one of them. */
  const signers = async (secrets: readonly string[]): Promise<number[]> => {
    await relay.as(client.key).post('/v1/callbacks/test', { url: HOOK });
    const callback = receiver.received.at(-1);
    if (callback === undefined) throw new Error('no callback came');
    const values = (callback.headers['webhook-signature'] ?? '').split(' ');
    const expected = secrets.map((secret) => independentSignature(secret, callback));
    for (const value of values) expect(expected).toContain(value);
    return values.map((value) => expected.indexOf(value));
  };
  return { relay, client, rotate, signers };
}

describe('a signing secret that is replaced', () => {
  it('signs for 24 h from then on, however often it is replaced again', async () => {
    const { relay, client, rotate, signers } = await start();
    const secrets = [client.signing_secret, await rotate()];
    relay.clock.advance(6 * HOUR_MS);
    secrets.push(await rotate());
    relay.clock.advance(6 * HOUR_MS);
    secrets.push(await rotate());
    expect(await signers(secrets)).toEqual([3, 2, 1, 0]);
    relay.clock.advance(12 * HOUR_MS - 1);
    expect(await signers(secrets)).toEqual([3, 2, 1, 0]);
    relay.clock.advance(1);
    expect(await signers(secrets)).toEqual([3, 2, 1]);
    relay.clock.advance(6 * HOUR_MS);
    expect(await signers(secrets)).toEqual([3, 2]);
    relay.clock.advance(6 * HOUR_MS);
    expect(await signers(secrets)).toEqual([3]);
  });

  it('signs as one of the newest ten only: a header has its bounds', async () => {
    const { client, rotate, signers } = await start();
    const secrets = [client.signing_secret];
    for (let i = 0; i < 12; i++) secrets.push(await rotate());
    expect(await signers(secrets)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
  });

  it('is kept where several are replaced at once', async () => {
    const { client, rotate, signers } = await start();
    const made = await Promise.all([rotate(), rotate(), rotate()]);
    expect((await signers([client.signing_secret, ...made])).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3]);
  });

  it('is replaced once where D1 loses its answer', async () => {
    const { relay, client, rotate, signers } = await start();
    const { clients } = relay.services.stores;
    const replace = clients.replaceSecret.bind(clients);
    const lost = vi.spyOn(clients, 'replaceSecret').mockImplementation(async (...args) => {
      await replace(...args);
      return false;
    });
    const secret = await rotate();
    expect(lost).toHaveBeenCalledTimes(1);
    expect(await signers([client.signing_secret, secret])).toEqual([1, 0]);
  });

  it('is sealed, and sealed anew with a new master key, however many there are', async () => {
    const { relay, client, rotate, signers } = await start();
    const secrets = [client.signing_secret, await rotate(), await rotate()];
    const row = JSON.stringify(await env.DB.prepare('select * from clients').first());
    for (const secret of secrets) expect(row).not.toContain(secret.slice('whsec_'.length));
    relay.restart({ vars: { MASTER_KEY: NEW_KEY, MASTER_KEY_PREVIOUS: env.MASTER_KEY, TICK_SECONDS: '1' } });
    expect(await signers(secrets)).toEqual([2, 1, 0]);
    const isDone = async () => (await relay.admin().get('/admin/stats')).body.resealing.finished_at !== null;
    await relay.tickUntil(isDone, 30);
    relay.restart({ vars: { MASTER_KEY: NEW_KEY } });
    expect(await signers(secrets)).toEqual([2, 1, 0]);
  });
});
