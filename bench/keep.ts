/**
 * What keeping results costs: from the poll that tells an end to its callback by the size of the file, CPU time of workerd a file and memory
 * over 20 copies of 100 MB; each file is compared with its source byte for byte. The bucket is Miniflare's, in the same process: its
 * CPU time and its memory are counted too. Then the CPU time of the Worker alone. Exits with 1 where a file is not what it was, or memory grows.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { clientShape } from '../scripts/shapes.ts';
import { startRelay, type Relay } from './arena/relay.ts';
import { usageOf } from './arena/usage.ts';
import { aligned, percentile } from './figures.ts';
import { cpuOfFiles } from './keep/cpu.ts';
import { bodyOf, hashOf, sizeOf, startSource, type Told } from './keep/source.ts';

const MB = 1_000_000;
const SIZES = ['1000', '100000', '1000000', '10000000', '100000000', '200000000'];
const FILES = 6;
const LARGE = { prompt: '100000000', count: 20 };
/** Between the second and the last of many large files workerd may hold so much more. */
const MAX_GROWTH = 64 * MB;

const folder = mkdtempSync(join(tmpdir(), 'ringback-keep-'));
const source = await startSource();
let isWhole = true;
let growth = 0;
try {
  await withRelay(async (relay, key) => {
    await tellAll(relay, key, ['1000', '1000'], true);
    const rows: string[][] = [];
    for (const prompt of ['1000', ...SIZES, '10000000 chunked', '100000000 chunked']) {
      const isKept = rows.length > 0;
      rows.push(await rowOf(relay, key, prompt, isKept));
      print(`${rows.at(-1)?.join('  ')}`);
    }
    const head = ['a file of', 'files', 'poll to callback, p50', 'most', 'CPU a file', 'requests a file'];
    print(`\n${aligned([head, ...rows])}`);
    growth = await memory(relay, key);
  });
  print(`\nCPU time of the Worker's own isolate, ms:\n${await cpuOfFiles(source)}\n`);
} finally {
  await source.stop();
  rmSync(folder, { recursive: true, force: true });
}
print(isWhole ? 'Each kept file is byte for byte what its source had.' : 'A FILE IS NOT WHAT IT WAS.');
process.exit(isWhole && growth <= MAX_GROWTH ? 0 : 1);

async function withRelay(use: (relay: Relay, key: string) => Promise<void>): Promise<void> {
  const vars = { POLL_MIN_SECONDS: '1', KEEP_MAX_MB: '1000' };
  const relay = await startRelay({ upstream: source.url, folder }, { vars, keepsResults: true });
  const { key } = clientShape.parse(await relay.call('/admin/clients', relay.adminToken, { name: 'bench' }));
  const stopping = new AbortController();
  const ticking = keepTicking(relay, stopping.signal);
  try {
    await use(relay, key);
  } finally {
    stopping.abort();
    await relay.stop();
    await ticking;
  }
}

async function keepTicking(relay: Relay, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const ticked = relay.tick().catch(() => undefined);
    await Promise.race([ticked, sleep(60_000, undefined, { signal }).catch(() => undefined)]);
  }
}

/** Posts these tasks at once, and waits until each was called back. */
async function tellAll(
  relay: Relay,
  key: string,
  prompts: readonly string[],
  keeps: boolean,
): Promise<readonly Told[]> {
  for (const prompt of prompts) await relay.call('/v1/tasks', key, bodyOf(source, prompt, keeps));
  return await source.told(prompts.length);
}

async function rowOf(relay: Relay, key: string, prompt: string, keeps: boolean): Promise<string[]> {
  const { bytes, isChunked } = sizeOf(prompt);
  const count = bytes >= 100 * MB ? 2 : FILES;
  const before = usageOf(relay.pid);
  const asked = source.fetches();
  const told: Told[] = [];
  // One after the other: what is measured is a file, not the queue for one.
  for (let i = 0; i < count; i++) told.push(...(await tellAll(relay, key, [prompt], keeps)));
  const after = usageOf(relay.pid);
  const cpuMs = ((after?.cpuSeconds ?? NaN) - (before?.cpuSeconds ?? NaN)) * 1_000;
  if (keeps) for (const { links } of told) await compare(links[0] ?? '', bytes);
  const late = told.map(({ lateMs }) => lateMs);
  const name = `${bytes / 1_000} KB${isChunked ? ', no length' : ''}${keeps ? '' : ', not kept'}`;
  const fetches = (source.fetches() - asked) / count;
  return [
    name,
    String(count),
    `${percentile(late, 0.5)} ms`,
    `${Math.max(...late)} ms`,
    `${Math.round(cpuMs / count)} ms`,
    String(fetches),
  ];
}

async function compare(link: string, bytes: number): Promise<void> {
  if (!new URL(link).pathname.startsWith('/files/task_') || link.startsWith(source.url.href)) {
    isWhole = false;
    print(`not kept: ${link}`);
    return;
  }
  const response = await fetch(link);
  const hash = createHash('sha256');
  for await (const chunk of response.body ?? []) hash.update(chunk);
  const isSame = hash.digest('hex') === hashOf(bytes);
  if (!isSame) print(`not the same: ${link}`);
  isWhole &&= isSame;
}

/** How much more memory workerd holds at the end of many large copies than after the first two. */
async function memory(relay: Relay, key: string): Promise<number> {
  const held: number[] = [];
  for (let i = 0; i < LARGE.count; i += 2) {
    const told = await tellAll(relay, key, [LARGE.prompt, LARGE.prompt], true);
    for (const { links } of told) await compare(links[0] ?? '', sizeOf(LARGE.prompt).bytes);
    held.push(usageOf(relay.pid)?.heldBytes ?? NaN);
  }
  const inMb = held.map((bytes) => Math.round(bytes / MB));
  const peak = Math.round((usageOf(relay.pid)?.peakBytes ?? NaN) / MB);
  print(
    `\nMemory of workerd after each two of ${LARGE.count} copies of 100 MB, two at a time, in MB: ${inMb.join(' ')}; the most at any time: ${peak}.`,
  );
  return (held.at(-1) ?? NaN) - (held[0] ?? NaN);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
