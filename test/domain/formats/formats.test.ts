import { describe, expect, it } from 'vitest';
import { endBody, givenUpBody, runningBody } from '../../../src/domain/callback-body.ts';
import type { FlatBody } from '../../../src/domain/callback-body.ts';
import { alertBody } from '../../../src/domain/events/event-body.ts';
import { formatted } from '../../../src/domain/formats/format.ts';
import { canceled, failed, running, succeeded, T0 } from '../sample-task.ts';

/** All that a chat might act on: mentions, links, markup, emoji, templates; and more than is shown. */
const HOSTILE =
  '<!channel> @everyone <@U123> *bold* _it_ ~no~ `code` ||spoiler|| [x](http://evil.example) <https://evil.example|x> ' +
  'discord.gg/abc :smile: {{DATE(2026)}} ${x} \u202E\n# head';
const HOSTILE_START = Array.from(HOSTILE).slice(0, 70).join('');

const alert = (type: 'receiver.failing' | 'upstream.failing' | 'credits.exhausted' | 'spending.near') =>
  alertBody(
    {
      type,
      clientId: type === 'upstream.failing' || type === 'credits.exhausted' ? null : 'client_1',
      figures: {
        'receiver.failing': { host: 'hooks.example.com', since: T0, pending: 12 },
        'upstream.failing': {
          account_id: 'operator',
          problem: 'It answered <502>.',
          since: T0,
          queued: 1,
        },
        'credits.exhausted': { account_id: 'operator' },
        'spending.near': { credits_today: 1_600, daily_credit_limit: 2_000 },
      }[type],
    },
    'evt_1',
    T0 + 60_000,
  );

const givenUp = { at: T0 + 99_000, url: 'https://hooks.example.com/1', attempts: 11, lastStatus: null };
const longLink = `https://cdn.example.com/${'x'.repeat(9_000)}.mp4`;
const withResult = (url: string) => {
  const { phase, ...task } = succeeded();
  if (phase.state !== 'succeeded') throw new Error('it succeeded');
  return endBody({ ...task, phase: { ...phase, resultJson: JSON.stringify({ resultUrls: [url] }) } });
};

const CASES: readonly (readonly [string, FlatBody | null, string | null])[] = [
  ['a success', endBody(succeeded()), 'A fox crosses a frozen lake at dawn'],
  ['a success of an operator', { ...endBody(succeeded()), client_id: 'client_01kapz' }, 'A fox'],
  ['a failure', endBody(failed()), 'A fox'],
  ['a cancellation without a prompt', endBody(canceled()), null],
  ['a beginning', runningBody(running()), 'A fox'],
  ['a callback that was given up', givenUpBody(succeeded(), givenUp), 'A fox'],
  ['a hostile prompt', endBody(succeeded()), HOSTILE],
  ['the rest of a hostile prompt', endBody(succeeded()), HOSTILE.slice(HOSTILE_START.length)],
  ['a link with signs of its own', withResult('https://cdn.example.com/a.mp4?x=1&y=<b>|c'), 'A fox'],
  ['a link that is too long', withResult(longLink), 'A fox'],
  ['a receiver that fails', alert('receiver.failing'), null],
  ['an upstream that fails', alert('upstream.failing'), null],
  ['credits that are used up', alert('credits.exhausted'), null],
  ['spending near its limit', alert('spending.near'), null],
];

describe.each(['slack', 'discord', 'teams'] as const)('a message for %s', (format) => {
  it('is what the golden file says, case by case', async () => {
    const messages = Object.fromEntries(
      CASES.map(([name, body, prompt]) => {
        if (body === null) throw new Error(`${name} has no body`);
        const message: unknown = JSON.parse(formatted(format, body, prompt));
        return [name, message];
      }),
    );
    await expect(`${JSON.stringify(messages, null, 2)}\n`).toMatchFileSnapshot(`golden/${format}.json`);
  });

  it('keeps within the limits of the service whatever the task holds', () => {
    const long = '*_<&'.repeat(50_000);
    const task = failed();
    const body = { ...endBody(task), error_message: long, model: long, client_id: long };
    const most = { slack: 4_000, discord: 2_200, teams: 28_000 }[format];
    expect(formatted(format, body, long).length).toBeLessThan(most);
  });
});

describe('a message in JSON', () => {
  it('is the flat body', () => {
    const body = endBody(succeeded());
    expect(JSON.parse(formatted('json', body, 'A fox'))).toEqual(body);
  });
});
