/** The words of a text: a long list that stays readable. */
const words = (text: string) => text.trim().split(/\s+/);

/** URLs that are called, with the host that they are counted by. The first two dozen are as the tools give them out. */
export const callableUrls: [string, string][] = [
  ['https://hooks.zapier.com/hooks/catch/1234567/abcdef/', 'hooks.zapier.com'],
  ['https://hooks.zapier.com/hooks/catch/1234567/abcdef/silent/', 'hooks.zapier.com'],
  ['https://hook.eu2.make.com/a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6', 'hook.eu2.make.com'],
  ['https://hook.us1.make.celonis.com/x', 'hook.us1.make.celonis.com'],
  ['https://acme.app.n8n.cloud/webhook/0f8fad5b-d9cb-469f-a165-70867728950e', 'acme.app.n8n.cloud'],
  ['https://acme.app.n8n.cloud/webhook-waiting/42?signature=ab12', 'acme.app.n8n.cloud'],
  [
    'https://prod-12.westeurope.logic.azure.com:443/workflows/ab/triggers/manual/paths/invoke?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=a-B_c',
    'prod-12.westeurope.logic.azure.com',
  ],
  [
    'https://default0123.45.environment.api.powerplatform.com:443/powerautomate/automations/direct/workflows/x?sig=%3D',
    'default0123.45.environment.api.powerplatform.com',
  ],
  ['https://eo1abc2defghij.m.pipedream.net', 'eo1abc2defghij.m.pipedream.net'],
  ['https://webhook.site/0f8fad5b-d9cb-469f-a165-70867728950e', 'webhook.site'],
  ['https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX', 'hooks.slack.com'],
  ['https://discord.com/api/webhooks/1/abc?wait=true', 'discord.com'],
  ['https://maker.ifttt.com/trigger/done/json/with/key/abc', 'maker.ifttt.com'],
  ['https://abcd-12-34.ngrok-free.app/hook', 'abcd-12-34.ngrok-free.app'],
  ['https://quick-brown-fox.trycloudflare.com/', 'quick-brown-fox.trycloudflare.com'],
  ['https://receiver.acme.workers.dev/hook?key=1', 'receiver.acme.workers.dev'],
  [
    'https://abc123.execute-api.eu-west-1.amazonaws.com/prod/hook',
    'abc123.execute-api.eu-west-1.amazonaws.com',
  ],
  ['https://abc.lambda-url.us-east-1.on.aws/', 'abc.lambda-url.us-east-1.on.aws'],
  ['https://script.google.com/macros/s/AKfycb/exec', 'script.google.com'],
  ['https://xyz.supabase.co/functions/v1/hook', 'xyz.supabase.co'],
  ['https://connect.pabbly.com/workflow/sendwebhookdata/IjU3%3D_pc', 'connect.pabbly.com'],
  ['https://api.svix.com/ingest/api/v1/source/src_1/', 'api.svix.com'],
  ['https://events.hookdeck.com/e/src_abc', 'events.hookdeck.com'],
  ['https://hooks.airtable.com/workflows/v1/genericWebhook/app/wfl/wtr', 'hooks.airtable.com'],
  ['https://example.com:8443/hook', 'example.com:8443'],
  ['https://example.com.', 'example.com'],
  ['HTTPS://Hooks.Example.COM/Path', 'hooks.example.com'],
  ['https://münchen.example/haken', 'xn--mnchen-3ya.example'],
  ['https://xn--mnchen-3ya.example/', 'xn--mnchen-3ya.example'],
  ['https://例え.テスト/フック', 'xn--r8jz45g.xn--zckzah'],
  ['https://my_service.example.com/', 'my_service.example.com'],
  ['https://8.8.8.8/', '8.8.8.8'],
  ['https://1.1.1.1:8443/hook', '1.1.1.1:8443'],
  ['https://134744072/', '8.8.8.8'],
  ['https://172.32.0.1/', '172.32.0.1'],
  ['https://[2606:4700:4700::1111]/', '[2606:4700:4700::1111]'],
  ['https://[2a00:1450:4001:82f::200e]:8443/', '[2a00:1450:4001:82f::200e]:8443'],
  ['https://[::ffff:8.8.8.8]/', '[::ffff:808:808]'],
  // What these resolve to is for DNS, and for the platform, to say.
  ['https://127.0.0.1.nip.io/', '127.0.0.1.nip.io'],
  ['https://localtest.me/', 'localtest.me'],
  // They only look like names that are refused.
  ['https://localhost.example.com/', 'localhost.example.com'],
  ['https://notlocal.example/', 'notlocal.example'],
  ['https://my-internal.com/', 'my-internal.com'],
  ['https://home.arpa.example.com/', 'home.arpa.example.com'],
  ['https://sub.relay.example.com/', 'sub.relay.example.com'],
  ['https://example.com/a@b?c=d@e%23f@g', 'example.com'],
  // A heart of two characters: the second one is seen, as the colour of the first.
  ['https://example.com/\u2764\ufe0f', 'example.com'],
  ['https://example.com/%E2%80%8B', 'example.com'],
  ['https://example.com?callback=http://127.0.0.1/', 'example.com'],
  ['https://example.com/a\\b', 'example.com'],
  ['https://example.com/%7Ea/{b}|c?d=%2F&e=[1]&f=é', 'example.com'],
  ['https://example.com/a//b/./c?x=1&x=2&', 'example.com'],
  ['https://hooks.example.com:/x', 'hooks.example.com'],
  ["https://n8n.example.org/webhook/Ab-C_d.e~f!$&'()*+,;=:", 'n8n.example.org'],
  ['https://lan.example.com/', 'lan.example.com'],
  ['https://corp.example/', 'corp.example'],
  ['https://2001-db8--1.example.net/', '2001-db8--1.example.net'],
];

export const notUrls = [
  '',
  'hooks.example.com/abc',
  '//hooks.example.com/abc',
  '/webhook',
  'https://',
  'https://?',
  'https://:443/',
  'https://exa mple.com/',
  'https://example.com/a b',
  ' https://example.com/',
  'https://example.com/ ',
  'https://example.com/\n',
  'https://exam\tple.com/',
  'https://example.com/\r\nX-Evil: 1',
  'https://example.com/\u0000',
  'https://example.com/\u007f',
  'https://example.com/\u0085',
  'https://example.com/\u00a0',
  'https://example.com/\u2028',
  'https://example.com/\ud800',
  'https://example.com:99999/',
  'https://example.com:port/',
  'https://exa<mple.com/',
  'https://exa%00mple.com/',
  'https://256.256.256.256/',
  'https://1.2.3.4.5/',
  'https://0x1ffffffff/',
  'https://4294967296/',
  'https://[::1/',
  'https://[fe80::1%25eth0]/',
  'https://[1.2.3.4]/',
  'https://user:pass@/',
  `https://e.com/${'x'.repeat(2_035)}`,
];

const INVISIBLE = [
  0x00ad, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2060, 0x2061,
  0x2062, 0x2063, 0x2064, 0xfeff,
  // Their kin: a joiner, directions, fillers that look like a space or like nothing, tags.
  0x034f, 0x061c, 0x115f, 0x1160, 0x17b4, 0x180e, 0x2066, 0x2067, 0x2068, 0x2069, 0x206a, 0x3164, 0xffa0,
  0xe0020, 0xe0061,
].map((code) => String.fromCodePoint(code));

/** URLs that are well formed for the parser, and are not called all the same: what is called would not be what was entered. */
export const misleadingUrls = [
  ...INVISIBLE.flatMap((character) => [
    `https://hooks.example.com/abc${character}`,
    `${character}https://hooks.example.com/abc`,
    `https://hooks${character}.example.com/abc`,
    `https://hooks.example.com/abc?a=${character}b`,
  ]),
  'https://hooks.example.com/abc#',
  'https://hooks.example.com/abc#section',
  'https://hooks.example.com#',
  'https://hooks.example.com/abc?a=b#/route',
  'https://hooks.example.com/abc#access_token=1',
  'https://hooks.example.com/row%20#1',
];

/** Hosts that must not be called, in every spelling that a parser or a resolver might understand. */
export const forbiddenHosts = {
  'loopback, in every spelling of IPv4': words(`
    127.0.0.1 127.1 127.0.1 127.255.255.254 2130706433 017700000001 0x7f000001 0x7f.0.0.1 0x7F.1
    0177.0.0.1 0177.0x0.0.01 127.0.0.1. 127.1. 00000177.1 0x7f.0.1 %31%32%37.0.0.1 127%2e0%2e0%2e1
    １２７.０.０.１ 127。0。0。1 ①②⑦.⓪.⓪.① 127.0.0.1.. 2130706433.. 256.256.256.256..
    0x7f000001. 0x000000007f000001 0177.1 017700000001. 127.0x1 127.0.0x1 0x7f.0x0.0x0.0x1 127．0．0．1
    127｡0｡0｡1 ⑫7.0.0.1 １２７。１ %3127.0.0.1 0%78%37f000001 127.000.000.001 𝟏𝟐𝟕.𝟎.𝟎.𝟏 \u00ad127.0.0.1 127.0.0.1\u200b
    127.0.0.1:443 127.0.0.1:8443 0x7f.1:8443 127.0.0.2 127.127.127.127
  `),
  'this host and private networks': words(`
    0.0.0.0 0 0x0 00 0.1 0.255.255.255 10.0.0.1 10.1 167772161 0xa.1 012.0.0.1 172.16.0.1
    172.31.255.255 0xac.0x10.1 192.168.0.1 192.168.1 3232235777 0xc0a80101 0300.0250.1.1 100.64.0.1
    100.127.255.255 0.0.0.0. 0x0.0x0.0x0.0x0 000.000.000.000 0xa000001 012.1 0xAC100001 2886729729
    192.0xa80001 0xc0.0xa8.1 １９２.１６８.０.１ 10。0。0。1 0x64.0x40.0.1 1681915905 192.168.0.1.
  `),
  'cloud metadata and link-local': words(`
    169.254.169.254 2852039166 0xa9fea9fe 0251.0376.0251.0376 169.254.43518 0xA9.0xFE.43518
    169.254.0.1 100.100.100.200 192.0.0.192 [fd00:ec2::254] [::ffff:169.254.169.254]
    169.254.169.254. 0xa9fea9fe. 169.16689662 ①⑥⑨.②⑤④.①⑥⑨.②⑤④ 169。254。169。254 0xA9.254.0251.0xFE
    [fe80::a9fe:a9fe] 168.63.129.16.. metadata metadata. metadata.google.internal:443 169.254.170.2 [fd20:ce::254]
  `),
  'multicast, broadcast and ranges for documentation and tests': words(`
    224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 4294967295 192.0.2.1 198.51.100.7
    203.0.113.9 198.18.0.1 198.19.255.255 192.0.0.1 192.88.99.1 192.0.0.8 192.0.0.170 0xe0.1 0xffffffff
    0377.0377.0377.0377 250.1 254.254.254.254 ２５５.２５５.２５５.２５５ 192.0.0.255 0xc6120001
  `),
  'special IPv6': words(`
    [::] [::1] [0:0:0:0:0:0:0:1] [0000::0001] [fe80::1] [febf::1] [fec0::1] [fc00::1] [fdff:ffff::1]
    [ff02::1] [FF0E::1] [100::1] [2001:db8::1] [3fff::1] [2001:2::1] [2001:10::1] [5f00::1]
    [4000::1] [e000::1] [::0] [::0:1] [0:0:0:0:0:0:0:0] [::01]:8443 [FE80::ABCD:1] [fdff::] [FC00::] [ff05::2] [ff01::1]
    [2001:20::1] [2001:db8:ffff::] [2001::1] [2001:1ff::1]
  `),
  'IPv4 inside IPv6': words(`
    [::ffff:127.0.0.1] [::ffff:7f00:1] [::FFFF:10.0.0.1] [0:0:0:0:0:ffff:c0a8:0101] [::127.0.0.1]
    [::7f00:1] [::8.8.8.8] [::ffff:0:127.0.0.1] [64:ff9b::127.0.0.1] [64:ff9b::a00:1]
    [64:ff9b:1::10.0.0.1] [2002:7f00:1::] [2002:a00:1::1] [2002:c0a8:101::] [2001:0:4136:e378::]
    [::ffff:127.1.2.3]:8443 [0:0:0:0:0:FFFF:127.0.0.1] [::ffff:c0a8:1] [::ffff:6440:1] [::FFFF:A9FE:A9FE] [::a9fe:a9fe]
    [::ffff:0.0.0.0] [::ffff:224.0.0.1] [64:ff9b::7f00:1] [64:ff9b::808:808] [2002:a9fe:a9fe::1] [2002:808:808::1]
    [2001:0:0:0:0:0:0:1] [::ffff:0:a00:1]
    [2001:0:7f00:1:8000:63bf:f5ff:fffe] [2a00:1450::5efe:127.0.0.1] [2a00:1450::200:5efe:10.0.0.1]
  `),
  'names of this machine or of a private network': words(`
    localhost LocalHost localhost. localhost.. api.localhost api.localhost. loc\u00adalhost
    l%6fcalhost ｌｏｃａｌｈｏｓｔ router router. intranet printer.local printer.LOCAL. local db.internal
    metadata.google.internal metadata.google.internal. internal nas.home.arpa home.arpa home.arpa.
    deep.er.nas.home.arpa db.internal.. printer。local LOCALHOST. foo.LOCALHOST NAS.HOME.ARPA. x.Home.Arpa
    db.INTERNAL. ⓛⓞⓒⓐⓛⓗⓞⓢⓣ host.docker.internal gateway.docker.internal kubernetes.default.svc.cluster.local
    metadata.goog.internal ip-10-0-0-1.ec2.internal xn--localhost ip6-localhost localhost:8443 instance-data
    router.lan nas.home mail.corp wiki.intranet db.private localhost.localdomain NAS.LAN. printer｡local intranet.
  `),
  'Ringback itself': words(`
    relay.example.com RELAY.example.COM relay.example.com. relay.example.com.. relay.example.com:443
    relay.example.com:8443 rel%61y.example.com ringback.me.workers.dev ringback.me.workers.dev.
  `),
  'names with an empty part': ['.example.com', 'a..example.com', 'example.com..'],
  'ports that are not for callbacks': words(`
    example.com:80 example.com:8080 example.com:22 example.com:25 example.com:6379 example.com:444
    example.com:0 example.com:65535 8.8.8.8:53
  `),
  'a backslash where other parsers go on with the host': [
    'example.com\\@127.0.0.1',
    'example.com\\.evil.example',
  ],
  'hosts with user info': words(`
    user@example.com user:secret@example.com :secret@example.com @example.com :@example.com
    example.com@127.0.0.1 example.com:443@127.0.0.1 127.0.0.1@example.com example.com%2f@127.0.0.1 example.com%23@10.0.0.1
    %40@example.com relay.example.com:443@example.com a@b@example.com user%40x@example.com
  `),
};
