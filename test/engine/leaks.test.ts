import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { startRelay, video } from '../support/relay.ts';

const OPERATOR_KEY = 'sk-sandbox-enterprise';

async function everythingStored(): Promise<string> {
  const tables = ['tasks', 'attempts', 'clients', 'accounts', 'hosts', 'refusals', 'ticks'];
  return JSON.stringify(
    await Promise.all(tables.map((table) => env.DB.prepare(`select * from ${table}`).all())),
  );
}

describe('a peer that repeats what it was sent', () => {
  it('does not make the upstream key known where upstream quotes it', async () => {
    const relay = await startRelay();
    const { key } = await relay.client();
    await relay.fault({
      kind: 'status',
      endpoint: 'createTask',
      status: 401,
      message: `Incorrect API key: ${OPERATOR_KEY}`,
    });
    const refused = await relay.as(key).post('/v1/tasks', video());
    expect(refused.status).toBe(502);
    expect(refused.body.detail).toContain('Incorrect API key: [redacted]');
    await relay.as(key).post('/v1/tasks', video('[never]', { timeout_seconds: 5 }));
    await relay.fault({
      kind: 'status',
      endpoint: 'recordInfo',
      status: 401,
      times: 9,
      message: `Bad key ${OPERATOR_KEY}`,
    });
    await relay.tick();
    const { data } = (await relay.as(key).get('/v1/tasks')).body;
    expect(data[0].error_message).toContain('Bad key [redacted]');
    expect(await everythingStored()).not.toContain(OPERATOR_KEY);
  });

  it("does not make the caller's headers known where a receiver shows them", async () => {
    const relay = await startRelay({ timeScale: 0 });
    const { key } = await relay.client();
    relay.receiver('hooks.example.com', [
      { status: 500, body: 'you sent {"authorization":"Bearer n8n-secret"}' },
    ]);
    const callback = {
      callback_url: 'https://hooks.example.com/1',
      callback_headers: { Authorization: 'Bearer n8n-secret' },
    };
    const { body } = await relay.as(key).post('/v1/tasks', video('', callback));
    await relay.tick();
    const log = (await relay.as(key).get(`/v1/tasks/${body.id}/attempts`)).body.data;
    expect(log[0].detail).toContain('[redacted]');
    expect(JSON.stringify(log)).not.toContain('n8n-secret');
    expect(await everythingStored()).not.toContain('n8n-secret');
  });
});
