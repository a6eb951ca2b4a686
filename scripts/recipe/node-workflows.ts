import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { z } from 'zod';
import { ROOT } from '../worker.ts';
import { httpNode, to, type Place } from './workflows.ts';

/** The file that people import: two nodes. What runs here is this file, with an end that reports. */
const FILE = join(ROOT, 'docs', 'recipes', 'n8n-node-workflow.json');
const PACKAGE = join(ROOT, 'integrations', 'n8n');
const CREDENTIAL = { id: 'ringbackApi00001', name: 'Ringback' };
const RINGBACK = 'Ringback';
const START = 'Started from outside';
/** The node that the trigger is in its workflow. */
export const triggerName = START;

const workflowShape = z.looseObject({
  name: z.string(),
  nodes: z.array(
    z.looseObject({
      name: z.string(),
      type: z.string(),
      parameters: z.record(z.string(), z.unknown()),
      credentials: z.unknown().optional(),
    }),
  ),
  connections: z.record(z.string(), z.unknown()),
});
type Workflow = z.infer<typeof workflowShape>;

const NODE = 'ringbacknode0000';
const ITEMS = 'ringbackitems000';
const TRIGGER = 'ringbacktrigger0';
export const nodeWorkflowIds = [NODE, ITEMS];
/** Published by the way that is about it: from then on, each task that ends starts it. */
export const triggerWorkflowId = TRIGGER;
/** What starts the workflow with an item for each prompt, under n8n's address. */
export const itemsPath = 'webhook/ringback-items';

/** The nodes as n8n loads them: JavaScript, from a folder without the packages that they are developed with. */
export async function buildNodes(folder: string): Promise<string> {
  await build({
    absWorkingDir: PACKAGE,
    entryPoints: ['nodes/**/*.ts', 'credentials/*.ts'],
    outdir: folder,
    outbase: PACKAGE,
    format: 'cjs',
    platform: 'node',
    logLevel: 'error',
  });
  for (const part of ['icons', 'nodes/Ringback/Ringback.node.json'])
    await cp(join(PACKAGE, part), join(folder, part), { recursive: true });
  return folder;
}

/** As a person would enter it, for `n8n import:credentials`. */
export function makeNodeCredential({ relay, key, secret }: Place): unknown {
  return {
    ...CREDENTIAL,
    type: 'ringbackApi',
    data: { url: relay.href, apiKey: key, signingSecret: secret },
  };
}

/** The recipe; the same with several items; and a workflow that the trigger starts. */
export async function makeNodeWorkflows({ gate }: Place): Promise<unknown[]> {
  const recipe = workflowShape.parse(JSON.parse(await readFile(FILE, 'utf8')));
  const loaded = { ...recipe, nodes: recipe.nodes.map(asLoaded) };
  const trigger = {
    name: START,
    type: 'CUSTOM.ringbackTrigger',
    typeVersion: 1,
    position: [0, 0],
    webhookId: 'ringback-trigger',
  };
  return [
    reporting({ ...structuredClone(loaded), id: NODE }, gate),
    reporting(withItems({ ...structuredClone(loaded), id: ITEMS, name: 'Items' }), gate),
    reporting(
      {
        id: TRIGGER,
        name: 'Trigger',
        settings: {},
        nodes: [
          { id: START, ...trigger, parameters: { models: [] }, credentials: { ringbackApi: CREDENTIAL } },
        ],
        connections: {},
      },
      gate,
      START,
    ),
  ];
}

/** n8n gives nodes from a folder a name of their own. */
function asLoaded(node: Workflow['nodes'][number]): Workflow['nodes'][number] {
  if (node.type === 'n8n-nodes-base.webhook')
    return { ...node, parameters: { ...node.parameters, path: 'ringback-node' } };
  if (!node.type.startsWith('n8n-nodes-ringback.')) return node;
  const type = node.type.replace('n8n-nodes-ringback', 'CUSTOM');
  return { ...node, type, credentials: { ringbackApi: CREDENTIAL } };
}

/** An item for each prompt that came, between the start and the node. */
function withItems<One extends Workflow>(workflow: One): One {
  for (const node of workflow.nodes) if (node.name === START) node.parameters['path'] = 'ringback-items';
  const split = {
    id: 'split',
    name: 'One for each',
    type: 'n8n-nodes-base.splitOut',
    typeVersion: 1,
    position: [110, 0],
    parameters: { fieldToSplitOut: 'body.items', options: {} },
    credentials: undefined,
  };
  workflow.nodes.push(split);
  workflow.connections[START] = to(split.name);
  workflow.connections[split.name] = to(RINGBACK);
  for (const node of workflow.nodes)
    if (node.name === RINGBACK)
      node.parameters = JSON.parse(
        JSON.stringify(node.parameters).replaceAll('$json.body.prompt', '$json.prompt'),
      );
  return workflow;
}

/** Behind its last node, a request that tells this script what came out of it. */
function reporting<One extends Workflow>(workflow: One, gate: URL, last = RINGBACK): One {
  const jsonBody =
    '={{ JSON.stringify({ execution: $execution.id, video_url: $json.result_url ?? undefined, ' +
    'problem: $json.error_message ?? undefined, prompt: $json.input?.prompt, event: ($json.body ?? $json).type }) }}';
  const url = new URL('/report', gate).href;
  workflow.nodes.push({
    credentials: undefined,
    type: '',
    ...httpNode('Report', { method: 'POST', url, sendBody: true, specifyBody: 'json', jsonBody }),
  });
  workflow.connections[last] = to('Report');
  return workflow;
}
