import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  closeBrowser,
  HAS_CHROMIUM,
  newClient,
  newTask,
  overflow,
  PHONE,
  scriptBox,
  seriousFindings,
  visit,
} from './visitor.ts';
import { smallTargets } from './tap-targets.ts';

const PAGES = [
  '/',
  '/console/sign-in',
  '/console',
  '/console/tasks',
  '/console/try',
  '/console/subscriptions',
  '/console/usage',
  '/console/clients',
  '/console/models',
  '/console/new-model',
  '/console/audit',
  '/console/nothing',
  '/guides/n8n',
  '/guides/power-automate',
  '/guides/agents',
];
const SIZES = [
  ['light', { colorScheme: 'light' }],
  ['dark', { colorScheme: 'dark' }],
  ['a phone, light', { colorScheme: 'light', ...PHONE }],
  ['a phone, dark', { colorScheme: 'dark', ...PHONE }],
] as const;

let pages: string[] = [];

describe.skipIf(!HAS_CHROMIUM)('every page', () => {
  beforeAll(async () => {
    const { id, key } = await newClient('looked at');
    const failing = await scriptBox(
      'looked-at',
      Array.from({ length: 9 }, () => ({ status: 500 })),
    );
    const tasks = await Promise.all([
      newTask(key, 'A paper boat on a quiet lake', { callback_url: failing, metadata: { order: 'A-1001' } }),
      newTask(key, `[fail] ${'a-long-word-without-spaces'.repeat(20)}`, { callback_url: failing }),
      newTask(key, '[never] A slow river'),
    ]);
    pages = [
      ...PAGES,
      ...tasks.map((task) => `/console/tasks/${task}`),
      `/console/clients/${id}`,
      `/console/clients/${id}/subscriptions`,
    ];
  });
  afterAll(closeBrowser);

  it('is looked at by something that sees: a picture without words is found', async () => {
    const { page } = await visit();
    await page.setContent('<html lang="en"><title>x</title><main><h1>x</h1><img src="data:,"></main></html>');
    expect(await seriousFindings(page)).toEqual([expect.stringContaining('image-alt')]);
  });

  it.each(SIZES)('can be used by everybody and fits its window: %s', async (_, options) => {
    const { page, signIn, goTo, troubles } = await visit(options);
    await goTo('/console/sign-in');
    const found = [
      ['/console/sign-in', await seriousFindings(page), await overflow(page), await smallTargets(page)],
    ];
    await signIn();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    for (const path of pages) {
      await goTo(path);
      found.push([path, await seriousFindings(page), await overflow(page), await smallTargets(page)]);
    }
    expect(found).toEqual(found.map(([path]) => [path, [], 0, []]));
    expect(troubles).toEqual([]);
  });

  it('can be gone through with the keyboard: the first stop leads to the content', async () => {
    const { page, signIn } = await visit();
    await signIn();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
  });
});
