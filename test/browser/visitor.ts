import axe from 'axe-core';
import type { AxeResults } from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { inject } from 'vitest';
import { openChromium } from '../../scripts/chromium.ts';

export const RELAY = inject('relay');
export const INBOX = inject('inbox');
export const ADMIN_TOKEN = inject('adminToken');
export const HAS_CHROMIUM = inject('chromium') !== null;

export const PHONE = { viewport: { width: 390, height: 844 } };

/** A person at a browser: a page of their own, and everything that went wrong in it. */
export interface Visitor {
  readonly page: Page;
  /** Exceptions, refusals of the content security policy, and dialogs that somebody's script opened. */
  readonly troubles: string[];
  readonly goTo: (path: string) => Promise<void>;
  readonly signIn: (credential?: string) => Promise<void>;
}

let browser: Browser | null = null;

/** One browser for a file of tests; close it after all. */
export async function visit(options: BrowserContextOptions = {}): Promise<Visitor> {
  browser ??= await openChromium(inject('chromium') ?? '');
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const troubles: string[] = [];
  page.on('pageerror', ({ message }) => troubles.push(message));
  page.on('console', (message) => {
    if (/content security policy/i.test(message.text())) troubles.push(message.text());
  });
  page.on('dialog', (dialog) => {
    troubles.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  const visitor: Visitor = {
    page,
    troubles,
    goTo: async (path) => {
      await page.goto(RELAY + path);
    },
    signIn: async (credential = ADMIN_TOKEN) => {
      await visitor.goTo('/console/sign-in');
      await page.getByLabel('Admin token or client key').fill(credential);
      await page.getByRole('button', { name: 'Sign in' }).click();
    },
  };
  return visitor;
}

export async function closeBrowser(): Promise<void> {
  await browser?.close();
  browser = null;
}

/** What axe finds that is serious or worse, with the elements; WCAG 2.2 A and AA and good practice. */
export async function seriousFindings(page: Page): Promise<string[]> {
  // Evaluated, not added as a script: the page's own policy would refuse that, as it should.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<AxeResults>('axe.run()');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
}

/** How far the page is wider than the window, in pixels. */
export async function overflow(page: Page): Promise<number> {
  return await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
}

/** The API, for what a test needs to be there. */
export async function callApi(
  path: string,
  body: unknown,
  token: string = ADMIN_TOKEN,
): Promise<Record<string, string>> {
  const response = await fetch(RELAY + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  const answer: Record<string, string> = JSON.parse(await response.text());
  return answer;
}

/** A new client of Ringback. */
export async function newClient(name: string): Promise<{ id: string; key: string }> {
  const { id = '', key = '' } = await callApi('/admin/clients', { name });
  return { id, key };
}

/** A task of a client, posted over the API. */
export async function newTask(
  key: string,
  prompt: string,
  extra: Record<string, unknown> = {},
): Promise<string> {
  const input = { prompt, resolution: '720p', duration: 5 };
  const { id = '' } = await callApi(
    '/v1/tasks',
    { model: 'seedance-2.0-reference-to-video', input, ...extra },
    key,
  );
  return id;
}

/** How a box of the callback inbox answers its next callbacks. */
export async function scriptBox(box: string, answers: readonly { status: number }[]): Promise<string> {
  const response = await fetch(`${INBOX}/boxes/${box}`, { method: 'PUT', body: JSON.stringify({ answers }) });
  if (!response.ok) throw new Error(`the inbox answered ${response.status}`);
  return `${INBOX}/hooks/${box}`;
}
