import { chromium } from 'playwright-core';
const [, , token, base] = process.argv;
const b = await chromium.launch({ executablePath: '/usr/bin/chromium' });
for (const [name, opts] of [
  ['light', { viewport: { width: 1280, height: 900 }, colorScheme: 'light' }],
  ['dark-phone', { viewport: { width: 390, height: 844 }, colorScheme: 'dark' }],
]) {
  const ctx = await b.newContext(opts);
  const p = await ctx.newPage();
  p.on('console', (m) => m.type() === 'error' && console.log(name, m.text()));
  await p.goto(base + '/console/sign-in');
  await p.fill('[name=credential]', token);
  await p.click('button.primary');
  await p.waitForURL('**/console');
  for (const path of ['usage', 'models', 'models/new', 'audit']) {
    await p.goto(`${base}/console/${path}`);
    await p.waitForTimeout(300);
    const over = await p.evaluate('document.documentElement.scrollWidth - innerWidth');
    console.log(name, path, 'overflow', over);
    await p.screenshot({
      path: `/tmp/wt-ops-${path.replace('/', '-')}-${name}.png`,
      fullPage: path !== 'models/new',
    });
  }
  await ctx.close();
}
await b.close();
