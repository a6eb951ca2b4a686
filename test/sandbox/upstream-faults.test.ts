import { describe, expect, it } from 'vitest';
import type { Ledger } from '../../sandbox/ledger.ts';
import { UpstreamSimulator } from '../../sandbox/upstream/simulator.ts';
import { read, startUpstream, video } from './upstream-client.ts';

describe('a fault', () => {
  it('answers the next calls with a status, and is then over', async () => {
    const upstream = startUpstream();
    await upstream.fault({ endpoint: 'createTask', kind: 'status', status: 500, times: 2 });
    const statuses: number[] = [];
    for (let sent = 0; sent < 3; sent += 1) statuses.push((await upstream.createTask(video(''))).status);
    expect(statuses).toEqual([500, 500, 200]);
    expect(upstream.simulator.snapshot()).toMatchObject({
      calls: { createTask: { '500': 2, '200': 1 }, recordInfo: {} },
      faults: [],
    });
    expect(upstream.simulator.snapshot().tasks).toHaveLength(1);
  });

  it('of 429 says how long to wait, and how much a minute takes', async () => {
    const upstream = startUpstream();
    await upstream.fault({ endpoint: 'recordInfo', kind: 'status', status: 429, retryAfter: 17, limit: 90 });
    const answer = await read(await upstream.recordInfo('task_x'));
    expect(answer).toMatchObject({ code: 429, data: { retryAfter: 17, limit: 90 } });
  });

  it.each([
    ['text', '"data":{"retryAfter":"17",', null],
    ['header', '{"code":429,"msg":"rate limit exceeded","data":null}', '17'],
    ['bare', 'Too Many Requests', '17'],
  ] as const)('of 429 may tell it otherwise: %s', async (told, body, header) => {
    const upstream = startUpstream();
    await upstream.fault({ endpoint: 'createTask', kind: 'status', status: 429, retryAfter: 17, told });
    const answer = await upstream.createTask(video(''));
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, header]);
    expect(await answer.text()).toContain(body);
  });

  it('may answer with a code as text', async () => {
    const upstream = startUpstream();
    await upstream.fault({ endpoint: 'createTask', kind: 'text-code' });
    expect(await (await upstream.createTask(video(''))).json()).toMatchObject({
      code: '200',
      msg: 'success',
    });
  });

  it('may mix a call up with that of another task of the key, where it has one', async () => {
    const upstream = startUpstream({ timeScale: 0 });
    await upstream.task('theirs', { key: 'sk-other' });
    await upstream.fault({ endpoint: 'createTask', kind: 'other-task', times: 2 });
    const first = await upstream.task('mine', { requestId: 'order-1' });
    expect(await upstream.task('mine too', { requestId: 'order-2' })).toBe(first);
    expect(upstream.simulator.snapshot().tasks).toHaveLength(2);
    const second = await upstream.task('mine too', { requestId: 'order-2' });
    await upstream.fault({ endpoint: 'recordInfo', kind: 'other-task' });
    expect(await upstream.record(second)).toMatchObject({ taskId: first });
    expect(await upstream.record(second)).toMatchObject({ taskId: second });
  });

  it('may lose the answer of a task that was created: the same request id finds it', async () => {
    const upstream = startUpstream();
    await upstream.fault({ endpoint: 'createTask', kind: 'disconnect', afterEffect: true });
    const broken = await upstream.createTask(video(''), { requestId: 'order-1' });
    await expect(broken.text()).rejects.toThrow('broke this connection');

    const taskId = await upstream.task('', { requestId: 'order-1' });
    expect(upstream.simulator.snapshot().tasks.map((task) => task.taskId)).toEqual([taskId]);
  });

  it('may hang for a given time and never answer', async () => {
    const upstream = startUpstream();
    await upstream.fault({ endpoint: 'createTask', kind: 'hang', delayMs: 20_000 });
    await expect((await upstream.createTask(video(''))).text()).rejects.toThrow('broke this connection');
    expect(upstream.slept).toEqual([20_000]);
    expect(upstream.simulator.snapshot().calls.createTask).toEqual({ hang: 1 });
  });

  it('may delay an answer that is right, or give one that is no envelope', async () => {
    const upstream = startUpstream();
    await upstream.fault({ endpoint: 'createTask', kind: 'delay', delayMs: 700 });
    expect((await upstream.createTask(video(''))).status).toBe(200);
    expect(upstream.slept).toEqual([700]);

    await upstream.fault({ endpoint: 'createTask', kind: 'malformed' });
    expect((await upstream.createTask(video(''))).headers.get('content-type')).toContain('text/html');
  });

  it('with a probability stays until the reset', async () => {
    const upstream = startUpstream();
    await upstream.fault({ endpoint: 'recordInfo', kind: 'status', status: 500, probability: 0.3 });
    const statuses: number[] = [];
    for (let sent = 0; sent < 200; sent += 1) statuses.push((await upstream.recordInfo('task_x')).status);
    const failed = statuses.filter((status) => status === 500).length;
    expect(failed).toBeGreaterThan(40);
    expect(failed).toBeLessThan(80);

    await upstream.control('reset');
    expect((await upstream.recordInfo('task_x')).status).toBe(404);
    expect(upstream.simulator.snapshot().faults).toEqual([]);
  });

  it('can be taken back, and nothing is forgotten', async () => {
    const upstream = startUpstream();
    const taskId = await upstream.task('');
    await upstream.fault({ endpoint: 'recordInfo', kind: 'status', status: 500, probability: 1 });
    expect((await upstream.recordInfo(taskId)).status).toBe(500);

    await upstream.request('/_sandbox/faults', { method: 'DELETE' });
    expect((await upstream.recordInfo(taskId)).status).toBe(200);
  });

  it('may concern one key only', async () => {
    const upstream = startUpstream();
    await upstream.fault({ endpoint: 'createTask', kind: 'status', status: 401, key: 'sk-revoked' });
    expect((await upstream.createTask(video(''))).status).toBe(200);
    expect((await upstream.createTask(video(''), { key: 'sk-revoked' })).status).toBe(401);
  });

  it('that is not understood is refused by the name of its field', async () => {
    const upstream = startUpstream();
    const refused = await upstream.control('faults', { endpoint: 'createTask', kind: 'status', status: 200 });
    expect(refused.status).toBe(422);
    expect(await refused.text()).toContain('status: Invalid option: expected one of 400|');
    const misspelt = await upstream.control('faults', { endpoint: 'createTask', kind: 'hang', delay: 5 });
    expect(await misspelt.text()).toContain('delay');
    expect((await upstream.control('keys', { key: 'mine' })).status).toBe(422);
  });
});

it('a simulator that starts again on the same ledger remembers tasks, keys, counts and faults', async () => {
  const rows = new Map<string, string>();
  const ledger: Ledger = {
    list: ({ prefix }) =>
      [...rows].filter(([key]) => key.startsWith(prefix)).map(([key, json]) => [key, JSON.parse(json)]),
    put: (key, value) => rows.set(key, JSON.stringify(value)),
    delete: (key) => rows.delete(key),
  };
  const options = { now: () => 0, random: () => 0.5, ledger };
  const before = new UpstreamSimulator(options);
  before.configureKey('sk-mine', { tier: 'pro', credits: 1000 });
  const call = { authorization: 'Bearer sk-mine', requestId: 'order-1', body: JSON.stringify(video('')) };
  const created = before.createTask(call);
  before.count('createTask', '200');
  before.addFault({ endpoint: 'createTask', kind: 'malformed', afterEffect: false, delayMs: 0 });

  const after = new UpstreamSimulator(options);
  expect(after.snapshot()).toEqual(before.snapshot());
  expect(after.createTask(call)).toEqual(created);
  after.reset();
  expect(rows.size).toBe(0);
});
