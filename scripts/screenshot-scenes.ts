import { call } from './call.ts';
import { boxShape, clientShape, taskShape } from './shapes.ts';
import type { Stack } from './stack.ts';

/** The tasks that are looked at more closely. */
export interface Scenes {
  readonly givenUp: string;
}

const MODEL = 'seedance-2.0-reference-to-video';
const PROMPTS = [
  'A red fox walks through fresh snow at dawn',
  'Timelapse of a city waking up, seen from a rooftop, soft light, no people',
  'A cup of coffee on a wooden table, steam rising, macro',
  'Running shoes on a white plinth, studio light, slow rotation, ending on the logo',
  'Waves under a lighthouse, drone shot',
  'A paper boat on a quiet lake, morning mist',
];
const TASKS = 22;

/** A relay with something to show: two clients, tasks that went well, and the ways in which some did not. */
export async function seedScenes(stack: Stack): Promise<Scenes> {
  const shop = await newClient(stack, { name: 'Shop, product videos', daily_credit_limit: 20_000 });
  const social = await newClient(stack, {
    name: 'n8n, social media',
    daily_credit_limit: 8_000,
    max_active_tasks: 10,
  });
  const good = await box(stack, 'good', []);
  for (let i = 0; i < TASKS; i++) {
    const prompt = PROMPTS[i % PROMPTS.length] ?? '';
    await newTask(stack, i % 3 === 0 ? social : shop, { prompt, callback_url: good, row: String(40 + i) });
  }
  const failing = await box(
    stack,
    'failing',
    Array.from({ length: 9 }, () => ({ status: 502 })),
  );
  const gone = await box(stack, 'gone', [{ status: 410 }]);
  await newTask(stack, social, {
    prompt: '[fail:400:The prompt was rejected] A crowd',
    callback_url: good,
    row: '7',
  });
  await newTask(stack, shop, {
    prompt: '[never] A slow river in the mountains',
    callback_url: good,
    row: '8',
  });
  await newTask(stack, social, { prompt: 'Clouds over a wheat field', callback_url: failing, row: '9' });
  const prompt = 'A kite over the dunes, late afternoon';
  return { givenUp: await newTask(stack, shop, { prompt, callback_url: gone, row: '10' }) };
}

async function newClient(stack: Stack, body: Record<string, unknown>): Promise<string> {
  const url = new URL('/admin/clients', stack.relay);
  const options = { method: 'POST', token: stack.adminToken, expect: 201, schema: clientShape };
  return (await call(url, { ...options, body })).key;
}

interface Wanted {
  readonly prompt: string;
  readonly callback_url: string;
  readonly row: string;
}

async function newTask(stack: Stack, token: string, { prompt, callback_url, row }: Wanted): Promise<string> {
  const input = { prompt, resolution: '720p', duration: 5 };
  const body = { model: MODEL, input, callback_url, metadata: { row } };
  const url = new URL('/v1/tasks', stack.relay);
  return (await call(url, { method: 'POST', token, body, expect: 202, schema: taskShape })).id;
}

async function box(stack: Stack, name: string, answers: readonly { status: number }[]): Promise<string> {
  const url = new URL(`/boxes/${name}`, stack.inbox);
  await call(url, { method: 'PUT', body: { answers }, expect: 200, schema: boxShape });
  return new URL(`/hooks/${name}`, stack.inbox).href;
}
