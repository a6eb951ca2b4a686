import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ROOT } from '../worker.ts';

/** The file that people import; what runs here is this file, with only what `Place` and `Variant` say changed. */
const FILE = join(ROOT, 'docs', 'recipes', 'n8n-workflow.json');
const TRIGGER = 'Started from outside';
const POST = 'Post to Ringback';
const WAIT = 'Wait for the callback';
const ENDS = ['Use the video', 'What went wrong'];
const KEY_CREDENTIAL = { id: 'ringbackKey00001', name: 'Ringback key' };
const SECRET_CREDENTIAL = { id: 'ringbackHook0001', name: 'Callback secret' };
const SECRET_HEADER = 'X-Callback-Secret';

const nodeShape = z.looseObject({
  name: z.string(),
  parameters: z.record(z.string(), z.unknown()),
  credentials: z.record(z.string(), z.unknown()).optional(),
});
type Node = z.infer<typeof nodeShape>;
const workflowShape = z.looseObject({
  name: z.string(),
  nodes: z.array(nodeShape),
  connections: z.record(z.string(), z.unknown()),
});
type Workflow = z.infer<typeof workflowShape> & { id: string };

/** Where the workflow finds the others on this machine. */
export interface Place {
  relay: URL;
  gate: URL;
  key: string;
  secret: string;
}

/** `recipe` is the file as it is; `slow` has a slow step before the Wait node; `secret` checks a header. */
export type Variant = (typeof VARIANTS)[number] | 'node';
const VARIANTS = ['recipe', 'slow', 'secret'] as const;

/** The n8n id of a variant. */
export const workflowId = (variant: Variant): string => `ringback${variant.padEnd(8, '0')}`;
/** What starts a variant, under n8n's address. */
export const startPath = (variant: Variant): string => `webhook/ringback-${variant}`;
export const workflowIds = VARIANTS.map(workflowId);

/** All variants, ready for `n8n import:workflow`. */
export async function makeWorkflows(place: Place, slowMs: number): Promise<Workflow[]> {
  const recipe = workflowShape.parse(JSON.parse(await readFile(FILE, 'utf8')));
  return VARIANTS.map((variant) => makeVariant(structuredClone(recipe), variant, { ...place, slowMs }));
}

/** The two credentials as a person would enter them, for `n8n import:credentials`. */
export function makeCredentials({ key, secret }: Place): unknown[] {
  const type = 'httpHeaderAuth';
  return [
    { ...KEY_CREDENTIAL, type, data: { name: 'Authorization', value: `Bearer ${key}` } },
    { ...SECRET_CREDENTIAL, type, data: { name: SECRET_HEADER, value: secret } },
  ];
}

function makeVariant(
  recipe: z.infer<typeof workflowShape>,
  variant: Variant,
  place: Place & { slowMs: number },
): Workflow {
  const workflow = { ...recipe, id: workflowId(variant), name: `${recipe.name} (${variant})` };
  nodeOf(workflow, TRIGGER).parameters['path'] = `ringback-${variant}`;
  const post = nodeOf(workflow, POST);
  post.parameters['url'] = new URL('/v1/tasks', place.relay).href;
  post.credentials = { httpHeaderAuth: KEY_CREDENTIAL };
  if (variant === 'slow') addSlowStep(workflow, place);
  if (variant === 'secret') checkSecret(workflow, place.secret);
  addReport(workflow, place.gate);
  return workflow;
}

/** A request that takes its time, between the one to Ringback and the Wait node. */
function addSlowStep(workflow: Workflow, { gate, slowMs }: { gate: URL; slowMs: number }): void {
  const url = new URL(`/slow?ms=${slowMs}`, gate).href;
  workflow.nodes.push(httpNode('A slow step', { method: 'GET', url }));
  workflow.connections[POST] = to('A slow step');
  workflow.connections['A slow step'] = to(WAIT);
}

/** What the page tells people to do who want the Wait node to check a header. */
function checkSecret(workflow: Workflow, secret: string): void {
  const post = nodeOf(workflow, POST);
  const headers = JSON.stringify({ [SECRET_HEADER]: secret });
  post.parameters['jsonBody'] = String(post.parameters['jsonBody']).replace(
    '"callback_url"',
    `"callback_headers": ${headers},\n  "callback_url"`,
  );
  const wait = nodeOf(workflow, WAIT);
  wait.parameters['incomingAuthentication'] = 'headerAuth';
  wait.credentials = { httpHeaderAuth: SECRET_CREDENTIAL };
}

/** After each of the two ends, a request that tells this script what the end was given. */
function addReport(workflow: Workflow, gate: URL): void {
  const jsonBody = '={{ JSON.stringify({ execution: $execution.id, ...$json }) }}';
  const url = new URL('/report', gate).href;
  const send = { method: 'POST', url, sendBody: true, specifyBody: 'json', jsonBody };
  workflow.nodes.push(httpNode('Report', send));
  for (const end of ENDS) workflow.connections[end] = to('Report');
}

function nodeOf(workflow: Workflow, name: string): Node {
  const node = workflow.nodes.find((one) => one.name === name);
  if (node === undefined) throw new Error(`${FILE} has no node "${name}".`);
  return node;
}

export function httpNode(name: string, parameters: Record<string, unknown>): Node {
  return {
    id: name,
    name,
    type: 'n8n-nodes-base.httpRequest',
    typeVersion: 4.2,
    position: [0, 400],
    parameters: { ...parameters, options: {} },
  };
}

export function to(node: string): unknown {
  return { main: [[{ node, type: 'main', index: 0 }]] };
}
