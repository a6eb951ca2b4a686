import { describe, expect, it } from 'vitest';

import type { ReceiverAnswer } from '../../../src/domain/receiver.ts';
import { preflight } from '../../../src/domain/receivers/advice.ts';
import { FAILURE_WORDS, saysFailure } from '../../../src/domain/receivers/success-words.ts';

const OWN = 'https://api.example.com/callbacks';
const TEAMS = 'https://contoso.webhook.office.com/webhookb2/abc';
const SLACK = 'https://hooks.slack.com/services/T0/B0/abc';
const SLACK_WORKFLOW = 'https://hooks.slack.com/triggers/T0/1/abc';
const FEISHU = 'https://open.feishu.cn/open-apis/bot/v2/hook/abc';
const DINGTALK = 'https://oapi.dingtalk.com/robot/send?access_token=x';
const WECOM = 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=x';
const SCRIPT = 'https://script.google.com/macros/s/abc/exec';
const TEAMS_FAILURE =
  'Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429 with ContextId tcid=0';

describe('a success speaks of a failure', () => {
  it.each([
    ['Teams, in a text', TEAMS, TEAMS_FAILURE],
    ['Teams, in a text of another kind', TEAMS, 'Summary or Text is required.'],
    ['Teams behind a name of one’s own', OWN, TEAMS_FAILURE],
    ['Slack, in a word', SLACK, 'channel_is_archived'],
    ['Slack, in a word that is new', SLACK, 'something_else'],
    ['Slack’s words from a proxy', OWN, 'invalid_payload\n'],
    ['a Slack workflow', SLACK_WORKFLOW, '{"ok":false,"error":"invalid_auth"}'],
    ['Slack’s Web API', 'https://slack.com/api/chat.postMessage', '{"ok":false,"error":"not_authed"}'],
    ['Feishu', FEISHU, '{"code":19024,"msg":"Key Words Not Found"}'],
    ['Feishu of old', FEISHU, '{"StatusCode":9499,"StatusMessage":"Bad Request"}'],
    ['DingTalk', DINGTALK, '{"errcode":310000,"errmsg":"keywords not in content"}'],
    ['WeCom', WECOM, '{"errcode":40008,"errmsg":"invalid message type"}'],
    ['an error code as text', DINGTALK, '{"errcode":"310000"}'],
    ['Google Apps Script', SCRIPT, '<html><head><title>Error</title></head>'],
    ['Google Apps Script without a doPost', OWN, '<p>Script function not found: doPost</p>'],
    ['GraphQL', OWN, '{"errors":[{"message":"no such field"}],"data":null}'],
    ['success: false', OWN, '{"success":false}'],
    ['status: error', OWN, '{"status":"ERROR","message":"no"}'],
    ['status: failed', OWN, '{"status":"failed"}'],
    ['an error in words', OWN, '{"error":"no such row"}'],
    ['an error as an object', OWN, '{"error":{"code":"WorkflowTriggerIsNotEnabled"}}'],
    ['PHP', OWN, '<br />\n<b>Fatal error</b>:  Uncaught TypeError'],
    ['PHP on a console', OWN, 'PHP Parse error:  syntax error'],
    ['a text in JSON', OWN, JSON.stringify(TEAMS_FAILURE)],
    ['JSON that is cut off', OWN, '{"ok":false,"error":"a very long'],
    ['an error code in JSON that is cut off', OWN, '{"errcode": 310000, "errmsg": "a very'],
  ])('%s', (_, url, excerpt) => {
    expect(saysFailure(excerpt, url)).toBe(true);
  });

  it.each([
    ['Teams', TEAMS, '1'],
    ['Teams, where nothing was read', TEAMS, ''],
    ['Slack', SLACK, 'ok'],
    ['a Slack workflow', SLACK_WORKFLOW, '{"ok":true}'],
    ['Feishu', FEISHU, '{"StatusCode":0,"StatusMessage":"success","code":0,"data":{},"msg":"success"}'],
    ['DingTalk', DINGTALK, '{"errcode":0,"errmsg":"ok"}'],
    ['Zapier', OWN, '{"attempt":"1","id":"1","request_id":"1","status":"success"}'],
    ['Make', OWN, 'Accepted'],
    ['n8n', OWN, '{"message":"Workflow was started"}'],
    ['IFTTT', OWN, 'Congratulations! You’ve fired the done event'],
    ['a code of its own', OWN, '{"code":200,"msg":"success"}'],
    ['no error', OWN, '{"error":null,"errors":[],"ok":true}'],
    ['no error in words', OWN, '{"error":"","status":"ok"}'],
    ['a false one', OWN, '{"error":false}'],
    ['an empty one', OWN, '{"error":{}}'],
    [
      'an echo of the callback',
      OWN,
      '{"type":"task.failed","state":"failed","error_code":"upstream_failed"}',
    ],
    ['an echo within', OWN, '{"received":{"ok":false}}'],
    ['a page', OWN, '<!doctype html><title>Thanks</title>'],
    ['a word of failure within a text', OWN, 'We log each invalid_payload.'],
    ['a prototype', OWN, '{"__proto__":{"ok":false}}'],
    ['a list, a number, null', OWN, '[null]'],
  ])('but not %s', (_, url, excerpt) => {
    expect(saysFailure(excerpt, url)).toBe(false);
  });
});

it('the test of a hook is all right, and says so', () => {
  const answer: ReceiverAnswer = {
    kind: 'response',
    status: 200,
    retryAfter: null,
    location: null,
    excerpt: TEAMS_FAILURE,
  };
  const result = preflight(answer, TEAMS);
  expect(result).toMatchObject({ ok: true, status: 200, problem: null });
  expect(result.advice).toContain(FAILURE_WORDS);
  expect(result.advice).toContain('answered 200 with “Webhook message delivery failed');
  expect(result.advice).toContain('its own message cards only');
});

it('IFTTT’s address for three values takes a callback, and says what to use instead', () => {
  const answer: ReceiverAnswer = {
    kind: 'response',
    status: 200,
    retryAfter: null,
    location: null,
    excerpt: '',
  };
  expect(preflight(answer, 'https://maker.ifttt.com/trigger/done/with/key/abc').advice).toContain('/json/');
});
