import { describe, expect, it } from 'vitest';

import { answersAlreadyFinished, profileOf } from '../../../src/domain/receivers/profile.ts';

const RESUME = 'https://n8n.example.com/webhook-waiting/17?signature=0a1b';

describe('a receiver is known by its address', () => {
  it.each([
    ['Zapier', 'https://hooks.zapier.com/hooks/catch/1234567/abcdef/'],
    ['Zapier', 'https://hooks.zapier.com/hooks/catch/1234567/abcdef/silent/'],
    ['Zapier', 'https://HOOKS.ZAPIER.COM./hooks/catch/abcdef'],
    ['Make', 'https://hook.eu1.make.com/abcdefghijklmnopqrstuvwxyz012345'],
    ['Make', 'https://hook.us2.make.com/abc'],
    ['Make', 'https://hook.make.com/abc'],
    ['Make', 'https://hook.eu1.make.celonis.com/abc'],
    ['Make', 'https://hook.us1.celonis.com/abc'],
    ['Make', 'https://hook.integromat.com/abc'],
    [
      'Power Automate or Logic Apps',
      'https://prod-27.westeurope.logic.azure.com:443/workflows/0a/triggers/manual/paths/invoke?sig=x',
    ],
    [
      'Power Automate or Logic Apps',
      'https://0a1b.09.environment.api.powerplatform.com:443/powerautomate/automations/direct/workflows/0a/triggers/manual/paths/invoke?sig=x',
    ],
    ['Pipedream', 'https://eo0a1b2c3d.m.pipedream.net'],
    ['Slack', 'https://hooks.slack.com/services/T0/B0/abc'],
    ['Slack', 'https://hooks.slack-gov.com/services/T0/B0/abc'],
    ['Slack workflow', 'https://hooks.slack.com/triggers/T0123456789/3141592653589/c6e6c0d868b3'],
    ['Slack workflow', 'https://hooks.slack.com/workflows/T0/A0/1/abc'],
    ['Google Chat', 'https://chat.googleapis.com/v1/spaces/AAAA/messages?key=k&token=t'],
    ['Telegram', 'https://api.telegram.org/bot123:abc/sendMessage?chat_id=1'],
    ['Feishu or Lark', 'https://open.feishu.cn/open-apis/bot/v2/hook/0a1b'],
    ['Feishu or Lark', 'https://open.larksuite.com/open-apis/bot/hook/0a1b'],
    ['DingTalk', 'https://oapi.dingtalk.com/robot/send?access_token=x'],
    ['WeCom', 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=x'],
    ['Google Apps Script', 'https://script.google.com/macros/s/AKfycb/exec'],
    ['Google Apps Script', 'https://script.google.com/macros/s/AKfycb/dev'],
    ['Google Apps Script', 'https://script.google.com/a/macros/example.com/s/AKfycb/exec'],
    ['Google Apps Script', 'https://script.google.com/a/example.com/macros/s/AKfycb/exec'],
    ['Google Apps Script', 'https://script.googleusercontent.com/macros/echo?user_content_key=x&lib=y'],
    ['Supabase Edge Functions', 'https://abcdef.supabase.co/functions/v1/hook'],
    ['Workato', 'https://webhooks.workato.com/webhooks/rest/0a1b/done'],
    ['Workato', 'https://webhooks.eu.workato.com/webhooks/rest/0a1b/done'],
    ['IFTTT (three values)', 'https://maker.ifttt.com/trigger/done/with/key/abc'],
    ['ngrok', 'https://red-fox.ngrok-free.app/hook'],
    ['ngrok', 'https://red-fox.ngrok-free.dev/hook'],
    ['ngrok', 'https://0a1b.ngrok.io/hook'],
    ['localtunnel', 'https://red-fox.loca.lt/hook'],
    ['Discord', 'https://ptb.discord.com/api/webhooks/1/abc'],
    ['Discord', 'https://discord.com/api/webhooks/1/abc/slack'],
    ['Discord', 'https://discord.com/api/webhooks/1/abc'],
    ['Discord', 'https://discordapp.com/api/v10/webhooks/1/abc'],
    ['Microsoft Teams', 'https://contoso.webhook.office.com/webhookb2/abc'],
    ['Microsoft Teams', 'https://outlook.office.com/webhook/abc'],
    ['Microsoft Teams', 'https://outlook.office365.com/webhook/abc'],
    ['n8n', 'https://acme.app.n8n.cloud/webhook/orders'],
    ['perhaps n8n', 'https://flows.example.com/webhook/orders'],
    ['perhaps n8n', 'https://example.com/n8n/webhook/orders'],
    ['n8n (test URL)', 'https://acme.app.n8n.cloud/webhook-test/orders'],
    ['n8n (test URL)', 'http://localhost:5678/webhook-test/orders'],
    ['n8n (resume URL)', RESUME],
    ['n8n (resume URL)', 'https://example.com/flows/webhook-waiting/17'],
    ['webhook.site', 'https://webhook.site/0a1b'],
    ['webhook.site', 'https://0a1b.webhook.site/'],
    ['Cloudflare quick tunnel', 'https://red-fox-runs.trycloudflare.com/hook'],
  ])('%s at %s', (name, url) => {
    expect(profileOf(url)?.name).toBe(name);
  });
});

describe('nothing is known of', () => {
  it.each([
    ['a host of somebody’s own', 'https://api.example.com/callbacks'],
    ['a name that only begins like a known one', 'https://hooks.zapier.com.example.net/hooks/catch/1/abc/'],
    ['a name that only ends like a known one', 'https://notwebhook.site/abc'],
    ['the website of a tool', 'https://www.make.com/en'],
    ['an API of Discord that is no webhook', 'https://discord.com/api/channels/1/messages'],
    ['another page of Slack’s hooks', 'https://hooks.slack.com/apps/T0/1/abc'],
    ['the editor of a script', 'https://script.google.com/home/projects/abc/edit'],
    ['an API of Telegram that is no bot', 'https://api.telegram.org/file/bot1/x'],
    ['an API of Google Chat that sends nothing', 'https://chat.googleapis.com/v1/spaces'],
    ['a database of Supabase', 'https://abc.supabase.co/rest/v1/rows'],
    ['IFTTT’s address for any JSON', 'https://maker.ifttt.com/trigger/done/json/with/key/abc'],
    ['a path that has the word deeper down', 'https://api.example.com/v1/webhook/orders'],
    ['a word in the query', 'https://api.example.com/?next=/webhook-test/orders'],
    ['a text that is no URL', 'not a url'],
    ['no text at all', ''],
    ['a URL without a host', 'mailto:somebody@example.com'],
  ])('%s: %s', (_, url) => {
    expect(profileOf(url)).toBeNull();
  });
});

describe('the pause between two callbacks keeps to the documented rate', () => {
  it.each([
    ['30 a second', 'https://hooks.zapier.com/hooks/catch/1234567/abcdef/', 30, 1_000],
    ['1,000 in 5 minutes', 'https://hooks.zapier.com/hooks/catch/abcdef/', 1_000, 300_000],
    ['1,000 in 5 minutes', 'https://hooks.zapier.com/hooks/catch/abcdef/silent/', 1_000, 300_000],
    ['300 in 10 seconds', 'https://hook.eu1.make.com/abc', 300, 10_000],
    ['4,500 in 5 minutes', 'https://prod-1.westus.logic.azure.com/workflows/0a', 4_500, 300_000],
    ['10 a second', 'https://eo0a.m.pipedream.net/', 10, 1_000],
    ['1 a second', 'https://hooks.slack.com/services/T0/B0/abc', 1, 1_000],
    ['20 a minute', 'https://oapi.dingtalk.com/robot/send?access_token=x', 20, 60_000],
    ['20 a minute', 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=x', 20, 60_000],
    ['60 a minute', 'https://chat.googleapis.com/v1/spaces/A/messages', 60, 60_000],
    ['1 a second', 'https://api.telegram.org/bot1:a/sendMessage', 1, 1_000],
    ['20 a second', 'https://webhooks.workato.com/webhooks/rest/a/b', 20, 1_000],
    ['4 a second', 'https://contoso.webhook.office.com/webhookb2/abc', 4, 1_000],
  ])('%s at %s', (_, url, count, windowMs) => {
    const pause = profileOf(url)?.minIntervalMs ?? 0;
    expect(pause * count).toBeGreaterThanOrEqual(windowMs);
    expect((pause - 1) * count).toBeLessThan(windowMs);
  });

  it.each([RESUME, 'https://discord.com/api/webhooks/1/abc', 'https://webhook.site/0a1b'])(
    'and is left open where none is documented: %s',
    (url) => {
      expect(profileOf(url)?.minIntervalMs).toBeNull();
    },
  );
});

it('addresses that live for a moment only say what to use instead', () => {
  const temporary = [
    'https://a.example/webhook-test/x',
    'https://webhook.site/x',
    'https://a.trycloudflare.com/',
    'https://a.loca.lt/',
  ];
  for (const url of temporary) expect(profileOf(url)?.oneOff, url).toMatch(/\. (Use|For real tasks use) /);
  expect(profileOf(RESUME)?.oneOff).toBeNull();
});

it('a profile names its source and when it was read', () => {
  const urls = [
    'https://hooks.zapier.com/hooks/catch/1/a/',
    'https://hook.make.com/a',
    'https://webhook.site/a',
    'https://hooks.slack.com/triggers/a/b/c',
    'https://script.google.com/macros/s/a/exec',
    'https://open.feishu.cn/open-apis/bot/v2/hook/a',
    'https://oapi.dingtalk.com/robot/send',
    'https://qyapi.weixin.qq.com/cgi-bin/webhook/send',
    'https://api.telegram.org/bot1/sendMessage',
    'https://abc.supabase.co/functions/v1/hook',
    'https://maker.ifttt.com/trigger/a/with/key/b',
    'https://webhooks.workato.com/a',
    'https://a.ngrok-free.app/',
    'https://a.loca.lt/',
  ];
  for (const url of urls) expect(profileOf(url)?.source, url).toMatch(/^https:.* read 2026-\d\d-\d\d$/);
});

describe('n8n says that the callback did arrive', () => {
  /** To the byte: no quotation mark closes after the number. */
  const FINISHED = '{"code":409,"message":"The execution \\"17 has finished already."}';
  const WITH_STACK =
    '{"code":409,"message":"The execution \\"17 has finished already.",' +
    '"stacktrace":"ConflictError: The execution \\"17 has finished already.\\n    at executeWebhook"}';
  const CLOSED = 'The execution "17" has finished already.';
  const RUNNING = '{"code":409,"message":"The execution \\"17\\" is running already."}';

  it.each([
    ['with 409 “has finished already”', true, RESUME, 409, FINISHED],
    ['with a stack trace after the words', true, RESUME, 409, WITH_STACK],
    ['with the quotation mark that is missing there now', true, RESUME, 409, CLOSED],
    ['but not with 409 “is running already”', false, RESUME, 409, RUNNING],
    ['but not with 404', false, RESUME, 404, FINISHED],
    ['but not without a body', false, RESUME, 409, ''],
    ['but not at another path', false, 'https://n8n.example.com/webhook/17', 409, FINISHED],
    ['but not at what is no URL', false, 'webhook-waiting/17', 409, FINISHED],
  ] as const)('%s', (...[, expected, url, status, excerpt]) => {
    expect(answersAlreadyFinished(url, status, excerpt)).toBe(expected);
  });
});
