import agents from '../../../docs/recipes/agents.md';
import code from '../../../docs/recipes/code.md';
// oxlint-disable-next-line import/default -- as text, by a rule of wrangler.toml
import postTaskMjs from '../../../docs/recipes/code/post-task.mjs';
import postTaskPy from '../../../docs/recipes/code/post_task.py';
// oxlint-disable-next-line import/default -- as text, by a rule of wrangler.toml
import receiveMjs from '../../../docs/recipes/code/receive.mjs';
import receivePy from '../../../docs/recipes/code/receive.py';
import make from '../../../docs/recipes/make.md';
import n8nNodeWorkflow from '../../../docs/recipes/n8n-node-workflow.json';
import n8nWorkflow from '../../../docs/recipes/n8n-workflow.json';
import n8n from '../../../docs/recipes/n8n.md';
import powerAutomate from '../../../docs/recipes/power-automate.md';
import zapier from '../../../docs/recipes/zapier.md';

/** The guides, by the last part of their address, in the order in which they are listed. */
export const GUIDES = {
  n8n: { title: 'n8n', text: n8n },
  zapier: { title: 'Zapier', text: zapier },
  make: { title: 'Make', text: make },
  'power-automate': { title: 'Power Automate', text: powerAutomate },
  code: { title: 'Plain code', text: code },
  agents: { title: 'Agents', text: agents },
} as const;

export type GuideName = keyof typeof GUIDES;

const TEXT = 'text/plain; charset=utf-8';

/** What guides link to, by the path that they link to. */
export const GUIDE_FILES: Readonly<Record<string, { readonly text: string; readonly type: string }>> = {
  'n8n-node-workflow.json': { text: JSON.stringify(n8nNodeWorkflow, null, 2), type: 'application/json' },
  'n8n-workflow.json': { text: JSON.stringify(n8nWorkflow, null, 2), type: 'application/json' },
  'code/post-task.mjs': { text: postTaskMjs, type: TEXT },
  'code/post_task.py': { text: postTaskPy, type: TEXT },
  'code/receive.mjs': { text: receiveMjs, type: TEXT },
  'code/receive.py': { text: receivePy, type: TEXT },
};
