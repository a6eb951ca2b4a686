import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { findChromium, openChromium } from './chromium.ts';
import { FREE_PORTS } from './ports.ts';
import { historySql } from './screenshot-history.ts';
import { seedScenes, type Scenes } from './screenshot-scenes.ts';
import { generateSecrets } from './secrets.ts';
import { tickUntil, withStack, type Stack } from './stack.ts';
import { ROOT } from './worker.ts';

/** `npm run screenshots`: the pictures of the README, from a relay with some tasks in hand and a made-up week behind it. */

const FOLDER = join(ROOT, 'docs', 'images');
const SEED_MS = 35_000;
const DESKTOP = { width: 1280, height: 860 };
const PHONE = { width: 390, height: 780 };

interface Shot {
  readonly name: string;
  readonly path: (scenes: Scenes) => string;
  readonly dark?: boolean;
  readonly phone?: boolean;
}

const SHOTS: readonly Shot[] = [
  { name: 'overview', path: () => '/console' },
  { name: 'overview-dark', path: () => '/console', dark: true },
  { name: 'task', path: ({ givenUp }) => `/console/tasks/${givenUp}` },
  { name: 'task-phone', path: ({ givenUp }) => `/console/tasks/${givenUp}`, phone: true },
  { name: 'try', path: () => '/console/try' },
  { name: 'tasks-dark', path: () => '/console/tasks', dark: true },
  { name: 'overview-phone-dark', path: () => '/console', dark: true, phone: true },
  { name: 'reference', path: () => '/docs' },
];

process.exit(await main());

async function main(): Promise<number> {
  const chromium = findChromium();
  if (chromium === null) {
    console.error('There is no Chromium on this machine: install it, or set CHROMIUM_PATH.');
    return 1;
  }
  mkdirSync(FOLDER, { recursive: true });
  const persistTo = mkdtempSync(join(tmpdir(), 'ringback-screenshots-'));
  process.once('exit', () => rmSync(persistTo, { recursive: true, force: true, maxRetries: 5 }));
  const relayVars = {
    ...generateSecrets(),
    TICK_SECONDS: '5',
    POLL_MIN_SECONDS: '1',
    SUBREQUEST_BUDGET: '1000',
  };
  const beginWith = join(persistTo, 'history.sql');
  writeFileSync(beginWith, historySql(Date.now()));
  const options = {
    beginWith,
    ports: FREE_PORTS,
    persistTo,
    timeScale: 1 / 30,
    relayVars,
    watch: false,
  };
  await withStack(options, async (stack) => {
    const over = new AbortController();
    const ticking = tickUntil(stack, { signal: over.signal, pauseMs: 100, onProblem: console.error });
    const scenes = await seedScenes(stack);
    await sleep(SEED_MS);
    const browser = await openChromium(chromium);
    for (const shot of SHOTS) await take(browser, stack, shot, scenes);
    await browser.close();
    over.abort();
    await ticking;
  });
  return 0;
}

async function take(
  browser: Browser,
  stack: Stack,
  { name, path, dark, phone }: Shot,
  scenes: Scenes,
): Promise<void> {
  const context = await browser.newContext({
    viewport: phone === true ? PHONE : DESKTOP,
    colorScheme: dark === true ? 'dark' : 'light',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  await signIn(page, stack);
  await page.goto(stack.relay.origin + path(scenes), { waitUntil: 'networkidle' });
  const file = join(FOLDER, `${name}.png`);
  await page.screenshot({ path: file });
  await context.close();
  console.log(file);
}

async function signIn(page: Page, { relay, adminToken }: Stack): Promise<void> {
  await page.goto(`${relay.origin}/console/sign-in`);
  await page.getByLabel('Admin token or client key').fill(adminToken);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
}
