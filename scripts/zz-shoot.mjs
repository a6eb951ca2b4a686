import { chromium } from 'playwright-core';
const R = 'http://127.0.0.1:28787',
  I = 'http://127.0.0.1:28789';
const log = await import('node:fs').then((fs) => fs.readFileSync('/tmp/dev.log', 'utf8'));
const ADMIN = /ADMIN_TOKEN=(\S+)/.exec(log)[1],
  KEY = /KEY=(rb_\S+)/.exec(log)[1];
const post = (p, b, t = KEY) =>
  fetch(R + p, {
    method: 'POST',
    headers: { authorization: 'Bearer ' + t, 'content-type': 'application/json' },
    body: JSON.stringify(b),
  }).then((r) => r.json());
const input = (prompt, x = {}) => ({ prompt, resolution: '720p', duration: 5, ...x });
const only = process.argv[2]?.split(',');
let ids = {};
import fs from 'node:fs';
if (process.argv.includes('seed')) {
  await fetch(I + '/boxes/flaky', {
    method: 'PUT',
    body: JSON.stringify({ answers: Array(30).fill({ status: 500 }) }),
  });
  await fetch(I + '/boxes/gone', {
    method: 'PUT',
    body: JSON.stringify({ answers: Array(5).fill({ status: 410 }) }),
  });
  await post(
    '/admin/clients',
    { name: 'n8n, marketing', daily_credit_limit: 5000, max_active_tasks: 3 },
    ADMIN,
  );
  await post('/admin/clients', { name: 'Zapier', daily_credit_limit: 20000 }, ADMIN);
  const P = [
    'A red fox walks through fresh snow at dawn',
    'Timelapse of a city waking up, seen from a rooftop, soft light, no people',
    'A cup of coffee on a wooden table, steam rising, macro',
    'Product turntable: a pair of running shoes on a white plinth, studio light, slow rotation, three camera moves, ending on the logo',
    'Waves under a lighthouse, drone shot',
  ];
  for (let i = 0; i < 14; i++)
    await post('/v1/tasks', {
      model: 'seedance-2.0-reference-to-video',
      input: input(P[i % 5]),
      callback_url: I + '/hooks/dev',
      metadata: { row: String(40 + i), sheet: 'Q4 launch' },
    });
  ids.fail = (
    await post('/v1/tasks', {
      model: 'seedance-2.0-text-to-video',
      input: input('[fail:400:The prompt was rejected by the content policy] A crowd'),
      callback_url: I + '/hooks/dev',
    })
  ).id;
  ids.flaky = (
    await post('/v1/tasks', {
      model: 'seedance-2.0-reference-to-video',
      input: input('A paper boat on a quiet lake'),
      callback_url: I + '/hooks/flaky',
      metadata: { order: 'A-1001' },
    })
  ).id;
  ids.gone = (
    await post('/v1/tasks', {
      model: 'seedance-2.0-reference-to-video',
      input: input('A kite over dunes'),
      callback_url: I + '/hooks/gone',
    })
  ).id;
  ids.never = (
    await post('/v1/tasks', {
      model: 'seedance-2.0-reference-to-video',
      input: input('[never] A slow river in the mountains'),
      callback_url: I + '/hooks/dev',
    })
  ).id;
  ids.img = (
    await post('/v1/tasks', {
      model: 'gpt-image-2-text-to-image',
      input: { prompt: 'A watercolor of a small harbor', resolution: '1K' },
      callback_url: I + '/hooks/dev',
    })
  ).id;
  ids.xss = (
    await post('/v1/tasks', {
      model: 'seedance-2.0-reference-to-video',
      input: input(
        '<script>alert(1)</script><img src=x onerror=alert(2)> '.repeat(3) +
          'longwordwithoutanyspaces'.repeat(20),
      ),
      callback_url: I + '/hooks/dev',
      metadata: { '<b>x</b>': '"><script>alert(3)</script>' },
    })
  ).id;
  fs.writeFileSync('/tmp/ids.json', JSON.stringify(ids));
}
ids = JSON.parse(fs.readFileSync('/tmp/ids.json', 'utf8'));
const b = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
async function shot(
  name,
  path,
  { dark = false, phone = false, signed = true, full = true, key = ADMIN, act } = {},
) {
  if (only && only[0] !== 'all' && !only.some((o) => name.startsWith(o))) return;
  const c = await b.newContext({
    viewport: phone ? { width: 390, height: 844 } : { width: 1280, height: 800 },
    colorScheme: dark ? 'dark' : 'light',
    deviceScaleFactor: 1,
  });
  const p = await c.newPage();
  p.on('console', (m) => {
    if (m.type() === 'error') console.log(name, 'CONSOLE', m.text().slice(0, 300));
  });
  p.on('pageerror', (e) => console.log(name, 'PAGEERR', e.message));
  if (signed) {
    await p.goto(R + '/console/sign-in');
    await p.fill('[name=credential]', key);
    await p.click('button.primary');
    await p.waitForURL(/console$/);
  }
  await p.goto(R + path);
  await p.waitForTimeout(400);
  if (act) await act(p);
  const over = await p.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (over > 0) console.log(name, 'OVERFLOW', over);
  await p.screenshot({ path: `/tmp/shots/${name}.png`, fullPage: full });
  await c.close();
}
const pages = [
  ['home', '/', { signed: false }],
  ['signin', '/console/sign-in', { signed: false }],
  ['overview', '/console'],
  ['tasks', '/console/tasks'],
  ['task-flaky', '/console/tasks/' + ids.flaky],
  ['task-fail', '/console/tasks/' + ids.fail],
  ['task-never', '/console/tasks/' + ids.never],
  ['task-img', '/console/tasks/' + ids.img],
  ['task-xss', '/console/tasks/' + ids.xss],
  ['try', '/console/try'],
  ['clients', '/console/clients'],
  ['docs', '/docs', { signed: false, full: false }],
  ['empty', '/console/tasks?q=nothinglikethis'],
  ['nf', '/console/nothing'],
];
for (const [n, p, o] of pages) {
  await shot(n, p, o);
  if (process.argv.includes('more')) {
    await shot(n + '-dark', p, { ...o, dark: true });
    await shot(n + '-phone', p, { ...o, phone: true });
  }
}
await b.close();
