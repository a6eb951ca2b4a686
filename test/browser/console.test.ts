import { afterAll, describe, expect, it } from 'vitest';
import { closeBrowser, HAS_CHROMIUM, newClient, newTask, RELAY, scriptBox, visit } from './visitor.ts';

afterAll(closeBrowser);

const WAIT = { timeout: 40_000 };

describe.skipIf(!HAS_CHROMIUM)('somebody who signs in', () => {
  it('comes in with the admin token, and is out after signing out', async () => {
    const { page, signIn, goTo, troubles } = await visit();
    await signIn();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('You are signed out.').waitFor();
    await goTo('/console/tasks');
    expect(new URL(page.url()).pathname).toBe('/console/sign-in');
    expect(troubles).toEqual([]);
  });

  it('is told when the token is wrong, and stays where they are', async () => {
    const { page, signIn } = await visit();
    await signIn('rb_wrong');
    await page.getByRole('alert').getByText('The key was not copied whole').waitFor();
    expect(await page.context().cookies()).toEqual([]);
  });

  it('comes to the page that they wanted to see, as a client to its own tasks', async () => {
    const { key } = await newClient('their own');
    const { page, goTo } = await visit();
    await goTo('/console/tasks?state=failed');
    await page.getByLabel('Admin token or client key').fill(key);
    await page.keyboard.press('Enter');
    await page.getByText('No task matches').waitFor();
    expect(page.url()).toBe(`${RELAY}/console/tasks?state=failed`);
    expect(await page.getByRole('link', { name: 'Clients' }).count()).toBe(0);
  });
});

describe.skipIf(!HAS_CHROMIUM)('somebody who tries it', () => {
  it('fills in the form, sees the price, posts, and watches until the callback has come', async () => {
    const { key } = await newClient('trying');
    const { page, signIn, goTo, troubles } = await visit();
    await signIn(key);
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await goTo('/console/try');
    await page.getByLabel('Prompt').fill("A fox that says 'hello'");
    await page.getByLabel('Duration').fill('10');
    await page.locator('#credits', { hasText: '800' }).waitFor();
    await page.getByText('Node', { exact: true }).click();
    expect(await page.locator('#snippet-Node-text').textContent()).toContain("A fox that says 'hello'");
    await page.getByRole('button', { name: 'Post the task' }).click();
    await page.getByText('It came to the built-in inbox').waitFor(WAIT);
    await page.getByText('Attempt 1: 204').waitFor();
    expect(await page.locator('video').getAttribute('src')).toMatch(/^http/);
    await page.getByText('Verify this signature').click();
    expect(await page.locator('#verify-snippet').textContent()).toContain('v1,');
    expect(troubles).toEqual([]);
  });

  it('gets another form with another model, and keeps what they have typed', async () => {
    const { key } = await newClient('choosing');
    const { page, signIn, goTo } = await visit();
    await signIn(key);
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await goTo('/console/try');
    await page.getByLabel('Prompt').fill('A lighthouse');
    await page.getByLabel('Model').selectOption('gpt-image-2-image-to-image');
    await page.getByLabel('Image URLs').waitFor();
    expect(await page.getByLabel('Prompt').inputValue()).toBe('A lighthouse');
  });

  it('can do all that without a script', async () => {
    const { key } = await newClient('without a script');
    const { page, signIn, goTo } = await visit({ javaScriptEnabled: false });
    await signIn(key);
    await goTo('/console/try');
    await page.getByLabel('Duration').fill('2');
    await page.getByRole('button', { name: 'Update price and code' }).click();
    await page.locator('#credits', { hasText: '160' }).waitFor();
    await page.getByRole('button', { name: 'Post the task' }).click();
    await page.getByRole('heading', { name: 'What happened' }).waitFor();
    expect(new URL(page.url()).pathname).toMatch(/^\/console\/tasks\/task_/);
  });
});

describe.skipIf(!HAS_CHROMIUM)('somebody whose hook failed', () => {
  it('reads why, mends it, and sends the callback again', async () => {
    const { key } = await newClient('failing');
    const url = await scriptBox('failing', [{ status: 410 }]);
    const id = await newTask(key, 'A kite over dunes', { callback_url: url });
    const { page, signIn, goTo } = await visit();
    await signIn();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await goTo(`/console/tasks/${id}`);
    await page.getByText('The callback was given up').waitFor(WAIT);
    await page.getByText('a 410 asks for no more callbacks').first().waitFor();
    await page.getByRole('button', { name: 'Send the callback again' }).click();
    await page.getByText('Attempt 2: 200').waitFor(WAIT);
    expect(await page.getByText('The callback was given up').count()).toBe(0);
  });
});

describe.skipIf(!HAS_CHROMIUM)('an operator', () => {
  it('makes a client, sees its key once, and revokes it', async () => {
    const { page, signIn, goTo } = await visit();
    await signIn();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await goTo('/console/clients');
    await page.getByLabel('Name').fill('made in a browser');
    await page.getByRole('button', { name: 'Make the client' }).click();
    const key = (await page.locator('#new-key').textContent()) ?? '';
    const status = async () =>
      (await fetch(`${RELAY}/v1/client`, { headers: { authorization: `Bearer ${key}` } })).status;
    expect(await status()).toBe(200);
    await page.getByText('Revoke', { exact: true }).click();
    await page.getByRole('button', { name: 'Revoke this client' }).click();
    await page.getByText('This client was revoked').waitFor();
    expect(await page.content()).not.toContain(key);
    expect(await status()).toBe(401);
  });

  it('sees the overview change by itself, and keeps the focus where it was', async () => {
    const { key } = await newClient('moving');
    await newTask(key, '[never] first');
    const { page, signIn } = await visit();
    await signIn();
    const tile = page.locator('.tile', { hasText: 'Running' });
    await tile.waitFor();
    const before = Number(await tile.locator('b').textContent());
    await tile.getByRole('link').focus();
    await newTask(key, '[never] second');
    await tile.locator('b', { hasText: String(before + 1) }).waitFor(WAIT);
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Running');
  });
});

describe.skipIf(!HAS_CHROMIUM)('hostile text', () => {
  it('in a prompt, in metadata, in a name and in what a receiver answers is never more than text', async () => {
    const evil =
      '</textarea></pre><script>alert(1)</script><img src=x onerror=alert(2)>"onfocus=alert(3) autofocus="';
    const { key } = await newClient(evil.slice(0, 120));
    const url = await scriptBox('evil', [{ status: 500 }]);
    const id = await newTask(key, evil, { metadata: { [evil]: evil }, callback_url: url });
    const { page, signIn, goTo, troubles } = await visit();
    await signIn();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await goTo(`/console/tasks/${id}`);
    await page.getByText('Attempt 1: 500').waitFor(WAIT);
    for (const path of [
      '/console',
      '/console/tasks',
      '/console/clients',
      '/console/try',
      `/console/tasks?q=${encodeURIComponent(evil)}`,
    ]) {
      await goTo(path);
      expect(await page.locator('img[src="x"], script:not([src])').count()).toBe(0);
    }
    expect(troubles).toEqual([]);
  });
});
