import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import type { ReceivedCallback } from './support/receiver.ts';
import { startRelay, video } from './support/relay.ts';

/** What the Standard Webhooks library says that the signature is. */
function independentSignature(secret: string, { headers, body }: ReceivedCallback): string {
  const sentAt = new Date(Number(headers['webhook-timestamp']) * 1_000);
  return new Webhook(secret).sign(headers['webhook-id'] ?? '', sentAt, body);
}

const HOOK = 'https://hooks.example.com/catch/42?token=a%2Fb';

describe('a task with a callback URL', () => {
  it('goes from the post over the cron to one signed callback', async () => {
    const relay = await startRelay();
    const receiver = relay.receiver('hooks.example.com');
    const { key, signing_secret: secret } = await relay.client();

    const posted = await relay
      .as(key)
      .post('/v1/tasks', video('a fox', { callback_url: HOOK, metadata: { row: '42' } }));
    expect(posted.status).toBe(202);
    expect(posted.headers.get('location')).toBe(`/v1/tasks/${posted.body.id}/result`);
    expect(Number(posted.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(posted.body).toMatchObject({
      state: 'running',
      estimated_credits: 400,
      result_url: null,
      completed_at: null,
      metadata: { row: '42' },
      callback: { url: HOOK, state: 'waiting', attempts: 0, last_status: null, delivered_at: null },
    });

    const task = async () => (await relay.as(key).get(`/v1/tasks/${posted.body.id}`)).body;
    await relay.tickUntil(async () => (await task()).state === 'succeeded');
    const ended = await task();
    expect(ended.callback).toMatchObject({
      state: 'delivered',
      attempts: 1,
      last_status: 200,
      next_attempt_at: null,
    });
    expect(receiver.received).toHaveLength(1);
    const [callback] = receiver.received;
    if (callback === undefined) throw new Error('no callback');
    expect(callback.url).toBe(HOOK);
    expect(callback.headers).toMatchObject({ 'content-type': 'application/json' });
    expect(callback.headers['user-agent']).toMatch(/^Ringback\/\d/);
    expect(callback.headers['webhook-signature']).toBe(independentSignature(secret, callback));
    const payload = JSON.parse(callback.body);
    expect(payload).toEqual({
      type: 'task.succeeded',
      event_id: expect.stringMatching(/^evt_/),
      timestamp: ended.completed_at,
      id: posted.body.id,
      model: ended.model,
      state: 'succeeded',
      result_url: ended.result_url,
      result_urls: [ended.result_url],
      source_urls: [ended.result_url],
      error_code: null,
      error_message: null,
      metadata: { row: '42' },
      estimated_credits: 400,
      created_at: ended.created_at,
      submitted_at: ended.submitted_at,
      completed_at: ended.completed_at,
      duration_ms: ended.duration_ms,
    });
    expect(callback.at - Date.parse(ended.completed_at)).toBeLessThan(15_000);
  });
});
