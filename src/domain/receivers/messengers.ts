import { pauseOf } from './known-receiver.ts';
import type { KnownReceiver, ReceiverProfile } from './known-receiver.ts';

/** Bots of messengers: chats too. Most of them answer 200 whatever became of the message, and say in JSON what did. */

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

function messenger(
  name: string,
  minIntervalMs: number | null,
  source: string,
  more: Partial<ReceiverProfile> = {},
): ReceiverProfile {
  const quirk = `${name} takes its own message format only.`;
  return { name, minIntervalMs, rateScope: 'url', quirk, oneOff: null, source, ...more };
}

/** Answers 200 with `errcode`, or `code`, other than 0. */
function saysMore(name: string): Partial<ReceiverProfile> {
  const quirk = `${name} takes its own message format only, and answers 200 with an error code where it posted nothing.`;
  return { quirk, saysMore: true };
}

const FEISHU = messenger(
  'Feishu or Lark',
  // Its documents name a rate for its APIs in general, and none for these addresses.
  null,
  'https://github.com/megaease/easeprobe/pull/39 and https://github.com/pingcap/docs-cn/pull/21836 (200 with a code), ' +
    'https://flashcat.cloud/docs/content/flashcat-monitor/nightingale-v8/usage/notify-channel/larkcard_en/, read 2026-11-28',
  saysMore('Feishu or Lark'),
);

const DINGTALK = messenger(
  'DingTalk',
  pauseOf(20, MINUTE_MS),
  'https://juejin.cn/post/7129698690297495583 (20 a minute, then 10 minutes of none), ' +
    'https://github.com/develop202/kgcheckin/pull/29 (200 with an errcode), read 2026-11-28',
  saysMore('DingTalk'),
);

const WECOM = messenger(
  'WeCom',
  pauseOf(20, MINUTE_MS),
  'https://tencentcloud.com/jp/document/product/248/38208 (20 a minute), read 2026-11-28',
  saysMore('WeCom'),
);

const GOOGLE_CHAT = messenger(
  'Google Chat',
  pauseOf(60, MINUTE_MS),
  'https://developers.google.com/chat/api/guides/limits (60 writes a minute in a space), read 2026-11-28',
);

const TELEGRAM = messenger(
  'Telegram',
  SECOND_MS,
  'https://core.telegram.org/bots/faq (1 message a second in a chat), read 2026-11-28',
);

export const MESSENGERS: readonly KnownReceiver[] = [
  {
    isAt: ({ host, path }) =>
      /^open\.(?:feishu\.cn|larksuite\.com)$/.test(host) && /^\/open-apis\/bot\/(?:v2\/)?hook\/./.test(path),
    profile: FEISHU,
  },
  { isAt: ({ host, path }) => host === 'oapi.dingtalk.com' && path === '/robot/send', profile: DINGTALK },
  {
    isAt: ({ host, path }) => host === 'qyapi.weixin.qq.com' && path === '/cgi-bin/webhook/send',
    profile: WECOM,
  },
  {
    isAt: ({ host, path }) => host === 'chat.googleapis.com' && /^\/v1\/spaces\/[^/]+\/messages$/.test(path),
    profile: GOOGLE_CHAT,
  },
  { isAt: ({ host, path }) => host === 'api.telegram.org' && /^\/bot[^/]+\/./.test(path), profile: TELEGRAM },
];
