import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';

import { browserOf } from '../support/browser.ts';
import { ADMIN_TOKEN, startRelay, video } from '../support/relay.ts';

const DAY_MS = 86_400_000;

describe('what operators did', () => {
  it('is written down, newest first: what, when, to which client, from where', async () => {
    const relay = await startRelay();
    const admin = relay.admin();
    const from = { 'cf-connecting-ip': '192.0.2.7' };
    const { body: client } = await admin.post('/admin/clients', { name: 'zapier' }, from);
    relay.clock.advance(1_000);
    await admin.patch(`/admin/clients/${client.id}`, { max_active_tasks: 5 });
    await admin.post(`/admin/clients/${client.id}/rotate-key`);
    await admin.post(`/admin/clients/${client.id}/rotate-secret`);
    await admin.put('/admin/models/seedance-2.0-text-to-video', { disabled: true });
    relay.clock.advance(1_000);
    await admin.delete(`/admin/clients/${client.id}`);
    const { data, next_cursor: cursor } = (await admin.get('/admin/audit')).body;
    expect(cursor).toBeNull();
    expect(data.map(({ what }: { what: string }) => what).toSorted()).toEqual([
      'client.changed',
      'client.created',
      'client.key-rotated',
      'client.revoked',
      'client.secret-rotated',
      'model.changed',
    ]);
    expect(data[0]).toMatchObject({ what: 'client.revoked', client_id: client.id });
    expect(data.at(-1)).toEqual({
      at: '2026-11-22T15:00:00.000Z',
      what: 'client.created',
      client_id: client.id,
      address: '192.0.2.7',
      detail: 'zapier',
    });
    expect(JSON.stringify(data)).not.toContain(client.key);
    expect(JSON.stringify(data)).not.toContain(client.signing_secret);
  });

  it('has what was done in the console, and by the operator alone', async () => {
    const relay = await startRelay();
    const { id, key } = await relay.client();
    const { body: task } = await relay.as(key).post('/v1/tasks', video('[never]'));
    const operator = browserOf(relay);
    await operator.signIn();
    await operator.submit(`/console/tasks/${task.id}/cancel`, {});
    await operator.submit('/console/sign-out', {});
    const client = browserOf(relay);
    await client.signIn(key);
    const { body: other } = await relay.as(key).post('/v1/tasks', video('[never]'));
    await client.submit(`/console/tasks/${other.id}/cancel`, {});
    const { data } = (await relay.admin().get('/admin/audit')).body;
    const whats = data.map(({ what }: { what: string }) => what).toSorted();
    expect(whats).toEqual(['client.created', 'console.signed-in', 'console.signed-out', 'task.canceled']);
    expect(data.find(({ what }: { what: string }) => what === 'task.canceled')).toMatchObject({
      client_id: id,
      detail: task.id,
    });
  });

  it('comes in pages, and is kept for 400 days', async () => {
    const relay = await startRelay();
    for (let i = 0; i < 3; i++) {
      await relay.client({ name: `client ${i}` });
      relay.clock.advance(1);
    }
    const first = (await relay.admin().get('/admin/audit?limit=2')).body;
    expect(first.data.map(({ detail }: { detail: string }) => detail)).toEqual(['client 2', 'client 1']);
    const second = (await relay.admin().get(`/admin/audit?limit=2&cursor=${first.next_cursor}`)).body;
    expect(second).toMatchObject({ data: [{ detail: 'client 0' }], next_cursor: null });
    relay.clock.advance(399 * DAY_MS);
    await relay.tick();
    expect((await relay.admin().get('/admin/audit')).body.data).toHaveLength(3);
    relay.clock.advance(4 * DAY_MS - (relay.clock.now() % 3_600_000));
    await relay.tick();
    expect((await relay.admin().get('/admin/audit')).body.data).toEqual([]);
  });

  it('is done although it cannot be written down', async () => {
    const relay = await startRelay();
    relay.restart({
      trouble: (name) => (name.startsWith('insert into audit') ? new Error('D1_ERROR: no') : null),
    });
    expect((await relay.admin().post('/admin/clients', { name: 'x' })).status).toBe(201);
  });
});

async function endedSessions() {
  return await env.DB.prepare('select count(*) as n from ended_sessions').first('n');
}

describe('a session that somebody signed out of', () => {
  it.each(['operator', 'client'])('opens nothing for a copy of its cookie: of the %s', async (who) => {
    const relay = await startRelay();
    const { key } = await relay.client();
    const browser = browserOf(relay);
    const { setCookie } = await browser.signIn(who === 'operator' ? ADMIN_TOKEN : key);
    const headers = { cookie: (setCookie ?? '').split(';')[0] ?? '' };
    const copy = async () => (await relay.request('/console', { headers })).status;
    expect(await copy()).toBe(200);
    await browser.submit('/console/sign-out', {});
    expect(await copy()).toBe(303);
    // Another session of the same person goes on.
    await browser.signIn(who === 'operator' ? ADMIN_TOKEN : key);
    expect((await browser.get('/console')).status).toBe(200);
  });

  it('is remembered for as long as its cookie would have held', async () => {
    const relay = await startRelay();
    const browser = browserOf(relay);
    await browser.signIn();
    await browser.submit('/console/sign-out', {});
    expect(await endedSessions()).toBe(1);
    relay.clock.advance(3 * DAY_MS);
    await relay.tick();
    expect(await endedSessions()).toBe(0);
  });
});
