import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { createInboxApp } from '../../sandbox/inbox/app.ts';
import type { BoxView } from '../../sandbox/inbox/box.ts';
import { Inbox } from '../../sandbox/inbox/inbox.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const BODY = '{"type":"task.succeeded","id":"task_1"}';

function startInbox() {
  const slept: number[] = [];
  const inbox = new Inbox({ now: () => Date.UTC(2026, 10, 22) });
  const app = createInboxApp({
    inbox,
    sleep: async (ms) => {
      slept.push(ms);
    },
  });
  return {
    slept,
    request: (path: string, init?: RequestInit) => app.request(`https://inbox.test${path}`, init),
    configure: (box: string, settings: unknown) =>
      app.request(`https://inbox.test/boxes/${box}`, { method: 'PUT', body: JSON.stringify(settings) }),
    post: (box: string, body: string, headers: Record<string, string> = {}) =>
      app.request(`https://inbox.test/hooks/${box}`, { method: 'POST', headers, body }),
    async view(box: string): Promise<BoxView> {
      return (await app.request(`https://inbox.test/boxes/${box}`)).json<BoxView>();
    },
  };
}

function signed(body: string, secret = SECRET): Record<string, string> {
  const at = new Date();
  return {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign('msg_1', at, body),
  };
}

describe('a callback', () => {
  it('is kept with its headers and its body, parsed and as it came', async () => {
    const inbox = startInbox();
    expect((await inbox.post('dev', BODY, { 'x-mine': 'yes' })).status).toBe(200);
    expect(await inbox.view('dev')).toMatchObject({
      box: 'dev',
      received: [
        {
          number: 1,
          at: '2026-11-22T00:00:00.000Z',
          raw: BODY,
          body: { type: 'task.succeeded', id: 'task_1' },
          headers: { 'x-mine': 'yes' },
          verified: null,
          reason: 'no secret is known for this box',
          answered: 200,
        },
      ],
    });
  });

  it('is verified where the secret of its box is known', async () => {
    const inbox = startInbox();
    await inbox.configure('dev', { secret: SECRET });
    await inbox.post('dev', BODY, signed(BODY));
    expect((await inbox.view('dev')).received).toMatchObject([{ verified: true, reason: null }]);
  });

  it.each([
    ['whose body was changed', BODY.replace('task_1', 'task_2'), signed(BODY), 'No matching signature'],
    ['that another secret signed', BODY, signed(BODY, 'whsec_AAAA'), 'No matching signature'],
    ['without a signature', BODY, {}, 'Missing required headers'],
    ['of an hour ago', BODY, { ...signed(BODY), 'webhook-timestamp': '1' }, 'too old'],
  ])('%s is kept as not verified, with the reason', async (_what, body, headers, reason) => {
    const inbox = startInbox();
    await inbox.configure('dev', { secret: SECRET });
    await inbox.post('dev', body, headers);
    const [received] = (await inbox.view('dev')).received;
    expect(received).toMatchObject({ verified: false, raw: body });
    expect(received?.reason).toContain(reason);
  });

  it('that is no JSON is kept as it came', async () => {
    const inbox = startInbox();
    await inbox.post('dev', 'a=1');
    expect((await inbox.view('dev')).received).toMatchObject([{ raw: 'a=1', body: null }]);
  });

  it('pushes out the oldest one once there are 100', async () => {
    const inbox = startInbox();
    for (let sent = 0; sent < 103; sent += 1) await inbox.post('dev', '{}');
    const { received } = await inbox.view('dev');
    expect([received.length, received[0]?.number, received.at(-1)?.number]).toEqual([100, 4, 103]);
  });
});

describe('scripted answers', () => {
  it('say what they are told to', async () => {
    const inbox = startInbox();
    await inbox.configure('dev', {
      answers: [
        { status: 200, body: '{"ok":false}' },
        { status: 204, body: 'x' },
      ],
    });
    expect(await (await inbox.post('dev', '{}')).text()).toBe('{"ok":false}');
    expect((await inbox.post('dev', '{}')).status).toBe(204);
    expect(await (await inbox.post('dev', '{}')).text()).toBe('');
  });

  it('are given in order, with their waits and headers, before 200 is the answer again', async () => {
    const inbox = startInbox();
    await inbox.configure('dev', {
      answers: [
        { status: 500, delayMs: 250 },
        { status: 429, headers: { 'Retry-After': '7' } },
        { status: 204 },
      ],
    });
    const answers: Response[] = [];
    for (let sent = 0; sent < 4; sent += 1) answers.push(await inbox.post('dev', '{}'));
    expect(answers.map((answer) => answer.status)).toEqual([500, 429, 204, 200]);
    expect(answers[1]?.headers.get('retry-after')).toBe('7');
    expect(inbox.slept).toEqual([250]);
    expect((await inbox.view('dev')).received.map(({ answered }) => answered)).toEqual([500, 429, 204, 200]);
  });

  it('leave the secret of their box where it is', async () => {
    const inbox = startInbox();
    await inbox.configure('dev', { secret: SECRET, answers: [{ status: 503 }] });
    await inbox.post('dev', BODY, signed(BODY));
    await inbox.post('dev', BODY, signed(BODY));
    expect((await inbox.view('dev')).received.map(({ verified }) => verified)).toEqual([true, true]);
  });
});

describe('a box', () => {
  it('refuses settings and names that it does not understand, naming the field', async () => {
    const inbox = startInbox();
    const misspelt = await inbox.configure('dev', { answers: [{ status: 99 }] });
    expect([misspelt.status, await misspelt.text()]).toEqual([
      422,
      expect.stringContaining('answers.0.status'),
    ]);
    expect((await inbox.configure('dev', { secret: 'plain' })).status).toBe(422);
    expect((await inbox.post('a.b', '{}')).status).toBe(422);
    expect((await inbox.request('/boxes/a.b')).status).toBe(422);
  });

  it('is empty after it was deleted, and never shows its secret', async () => {
    const inbox = startInbox();
    await inbox.configure('dev', { secret: SECRET });
    await inbox.post('dev', '{}');
    expect(JSON.stringify(await inbox.view('dev'))).not.toContain(SECRET);
    expect((await inbox.request('/boxes/dev', { method: 'DELETE' })).status).toBe(204);
    expect(await inbox.view('dev')).toEqual({ box: 'dev', secretKnown: false, answersLeft: 0, received: [] });
  });

  it('shows on its page what came, with nothing in it taken for markup', async () => {
    const inbox = startInbox();
    await inbox.post('dev', '<script>alert(1)</script>', { 'x-mine': '<b>' });
    const boxes = await (await inbox.request('/')).text();
    expect(boxes).toContain('href="/boxes/dev/view"');
    const page = await (await inbox.request('/boxes/dev/view')).text();
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page).toContain('x-mine: &lt;b&gt;');
    expect(page).not.toContain('<script>');
  });
});
