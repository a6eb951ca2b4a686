import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { call } from './call.ts';
import { generateSecrets } from './secrets.ts';
import { boxShape, clientShape, type Client } from './shapes.ts';
import type { Stack } from './stack.ts';

const FILE = 'dev.json';
const OWNER_ONLY = 0o600;

const stateShape = z.object({
  secrets: z.object({ ADMIN_TOKEN: z.string(), MASTER_KEY: z.string() }),
  client: clientShape.nullable(),
});

/** What stays the same from one `npm run dev` to the next: the databases are sealed with these secrets. */
export type DevState = z.infer<typeof stateShape>;

/** Reads the state of this folder, or begins one. */
export async function readDevState(folder: string): Promise<DevState> {
  const text = await readFile(join(folder, FILE), 'utf8').catch(() => null);
  if (text !== null) return stateShape.parse(JSON.parse(text));
  const state = { secrets: generateSecrets(), client: null };
  await writeDevState(folder, state);
  return state;
}

/** The development client: the one of last time where the relay still knows it, else a new one. */
export async function signedInClient(stack: Stack, folder: string, state: DevState): Promise<Client> {
  if (state.client !== null && (await isKnown(stack, state.client.key))) return state.client;
  const client = await call(new URL('/admin/clients', stack.relay), {
    method: 'POST',
    token: stack.adminToken,
    body: { name: 'dev' },
    expect: 201,
    schema: clientShape,
  });
  await writeDevState(folder, { ...state, client });
  return client;
}

/** Lets the inbox verify what comes to this box. */
export async function openDevBox(stack: Stack, box: string, secret: string): Promise<void> {
  const url = new URL(`/boxes/${box}`, stack.inbox);
  await call(url, { method: 'PUT', body: { secret }, expect: 200, schema: boxShape });
}

async function isKnown(stack: Stack, key: string): Promise<boolean> {
  const response = await fetch(new URL('/v1/client', stack.relay), {
    headers: { authorization: `Bearer ${key}` },
  });
  await response.body?.cancel();
  return response.ok;
}

async function writeDevState(folder: string, state: DevState): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, FILE), JSON.stringify(state, null, 2), { mode: OWNER_ONLY });
}
