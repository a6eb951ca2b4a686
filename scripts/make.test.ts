import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ROOT } from './worker.ts';

const APP = join(ROOT, 'integrations', 'make');
const folder = mkdtempSync(join(tmpdir(), 'ringback-make-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function check(app: string): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(app, 'check.mjs')]);
  return { status, said: stdout.toString() + stderr.toString() };
}

describe("Make's app", () => {
  it('hangs together', () => {
    expect(check(APP)).toEqual({ status: 0, said: expect.stringMatching(/^\d+ files hang together/) });
  });

  it.each([
    [
      'modules/create-task/create-task.mappable-params.iml.json',
      'rpc://listModels',
      'rpc://listTools',
      /asks the RPC listTools/,
    ],
    [
      'modules/get-task/get-task.communication.iml.json',
      'parameters.id',
      'parameters.ids',
      /uses parameters\.ids/,
    ],
    [
      'modules/get-task/get-task.communication.iml.json',
      'request.headers.authorization',
      'x',
      /keep it out of the log/,
    ],
    [
      'webhooks/task-ended/task-ended.attach.iml.json',
      'externalHookId',
      'hookId',
      /is detached by externalHookId/,
    ],
    ['connections/ringback/ringback.params.iml.json', 'password', 'text', /shows key as it is typed/],
    ['makecomapp.json', '"webhook": "taskEnded"', '"webhook": "tasks"', /names the webhook tasks/],
    ['modules/groups.json', '"estimate"', '"estimates"', /module estimate is not in one group/],
  ])('does not, where %s has %s as %s', (path, right, wrong, says) => {
    const copy = mkdtempSync(join(folder, 'app-'));
    cpSync(APP, copy, { recursive: true });
    const content = readFileSync(join(copy, path), 'utf8');
    expect(content).toContain(right);
    writeFileSync(join(copy, path), content.replaceAll(right, wrong));
    expect(check(copy)).toEqual({ status: 1, said: expect.stringMatching(says) });
  });
});
