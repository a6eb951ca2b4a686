import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ROOT } from '../../scripts/worker.ts';
import { smallTargets } from './tap-targets.ts';
import { closeBrowser, HAS_CHROMIUM, newClient, overflow, PHONE, RELAY, visit } from './visitor.ts';

afterAll(closeBrowser);

const Report = z.object({
  problems: z.array(
    z.object({ ruleId: z.string(), location: z.array(z.object({ pointer: z.string().optional() })) }),
  ),
});

describe('the OpenAPI document, and the connector of Power Automate', () => {
  it.each(['/openapi.json', '/connectors/power-automate.json'])(
    "pass redocly's recommended rules, without a warning and with nothing ignored: %s",
    async (path) => {
      const folder = await mkdtemp(join(tmpdir(), 'ringback-openapi-'));
      try {
        const file = join(folder, 'openapi.json');
        await writeFile(file, await (await fetch(`${RELAY}${path}`)).text());
        const report = Report.parse(JSON.parse(await lint(file)));
        expect(report.problems.map(({ ruleId, location: [at] }) => [ruleId, at?.pointer])).toEqual([]);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  );
});

async function lint(file: string): Promise<string> {
  const cli = join(ROOT, 'node_modules', '@redocly', 'cli', 'bin', 'cli.js');
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
  const command = [cli, 'lint', file, '--extends', 'recommended', '--format', 'json'];
  const { stdout } = await promisify(execFile)(process.execPath, command, {
    env,
    cwd: join(file, '..'),
    timeout: 50_000,
  });
  return stdout;
}

describe.skipIf(!HAS_CHROMIUM)('the reference', () => {
  it('shows every operation and every callback, under its strict policy', async () => {
    const { page, goTo, troubles } = await visit();
    await goTo('/docs');
    await page.locator('.opblock').first().waitFor();
    const document = z
      .object({
        paths: z.record(z.string(), z.record(z.string(), z.unknown())),
        webhooks: z.record(z.string(), z.unknown()),
      })
      .parse(await (await fetch(`${RELAY}/openapi.json`)).json());
    const operations = Object.values(document.paths).flatMap((methods) => Object.keys(methods));
    const webhooks = Object.keys(document.webhooks);
    expect(await page.locator('.opblock').count()).toBe(operations.length + webhooks.length);
    for (const webhook of webhooks) expect(await page.locator('.webhooks').textContent()).toContain(webhook);
    expect(troubles).toEqual([]);
  });

  it('fits a phone, and what is pressed there is as high as a finger needs', async () => {
    const { page, goTo } = await visit(PHONE);
    await goTo('/docs');
    await page.locator('.opblock-summary-control').first().click();
    await page.locator('.tablinks').first().waitFor();
    expect([await overflow(page), await smallTargets(page)]).toEqual([0, []]);
  });

  it('tries an operation against this very Ringback', async () => {
    const { key } = await newClient('reading the reference');
    const { page, goTo } = await visit();
    await goTo('/docs');
    await page.getByRole('button', { name: 'Authorize' }).click();
    await page.locator('#auth-bearer-value').first().fill(key);
    await page.locator('.modal-ux').getByRole('button', { name: 'Apply credentials' }).first().click();
    await page.locator('.modal-ux').getByRole('button', { name: 'Close' }).first().click();
    await page.locator('#operations-Client-getClient .opblock-summary-control').click();
    await page.getByRole('button', { name: 'Try it out' }).click();
    await page.getByRole('button', { name: 'Execute' }).click();
    const answer = page.locator('#operations-Client-getClient .live-responses-table');
    await answer.getByText('reading the reference').first().waitFor();
    expect(await answer.locator('.response-col_status').last().textContent()).toContain('200');
  });
});
