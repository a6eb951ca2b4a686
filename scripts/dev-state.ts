import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { call, jsonOrNull } from './call.ts';
import { generateSecrets } from './secrets.ts';
import { boxShape, clientShape, type Client } from './shapes.ts';
import type { Stack } from './stack.ts';

const FILE = 'dev.json';
const CHECK_BOX = 'dev-check';
const OWNER_ONLY = 0o600;

const stateShape = z.object({
  secrets: z.object({ ADMIN_TOKEN: z.string(), MASTER_KEY: z.string() }),
  client: clientShape.nullable(),
});

/** What stays the same from one `npm run dev` to the next: the databases are sealed with these secrets. */
export type DevState = z.infer<typeof stateShape>;

/** Reads the state of this folder, or begins one; throws, with what to do, where what stands there cannot be read. */
export async function readDevState(folder: string): Promise<DevState> {
  const file = join(folder, FILE);
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text !== null) {
    const state = stateShape.safeParse(jsonOrNull(text));
    if (state.success) return state.data;
    throw new Error(`${file} is damaged or of another version. Delete ${folder} to start afresh.`);
  }
  const state = { secrets: generateSecrets(), client: null };
  await writeDevState(folder, state);
  return state;
}

/**
 * The development client, with its key and its signing secret: the one of last time where Ringback still knows both, else a
 * new one. Somebody may have revoked it since, or given it another key or secret.
 */
export async function signedInClient(stack: Stack, folder: string, state: DevState): Promise<Client> {
  if (state.client !== null && (await isCurrent(stack, state.client))) return state.client;
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

/** Asks for a signed test with this key, and looks whether it is signed with this secret, and with no newer one beside it. */
async function isCurrent(stack: Stack, { key, signing_secret: secret }: Client): Promise<boolean> {
  const box = new URL(`/boxes/${CHECK_BOX}`, stack.inbox);
  await openDevBox(stack, CHECK_BOX, secret);
  const response = await fetch(new URL('/v1/callbacks/test', stack.relay), {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ url: new URL(`/hooks/${CHECK_BOX}`, stack.inbox) }),
  });
  await response.body?.cancel();
  const [callback] = (await call(box, { expect: 200, schema: boxShape })).received;
  await fetch(box, { method: 'DELETE' });
  const signatures = callback?.headers['webhook-signature']?.split(' ') ?? [];
  return response.ok && callback?.verified === true && signatures.length === 1;
}

async function writeDevState(folder: string, state: DevState): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, FILE), JSON.stringify(state, null, 2), { mode: OWNER_ONLY });
}
