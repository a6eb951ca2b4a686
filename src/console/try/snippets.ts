/** The same call in the languages that people have. Keys are never put in: `rb_…` stands for one. */

const KEY = 'rb_…';

export interface Snippet {
  readonly name: string;
  readonly note: string;
  readonly text: string;
  /** The guide that goes on from there: `/guides/…`. */
  readonly guide: string;
}

/** Everything that `POST /v1/tasks` can be called from. */
export function snippetsOf(origin: string, body: unknown): Snippet[] {
  return [
    { name: 'curl', note: 'A Unix shell.', text: curlOf(origin, body), guide: 'code' },
    {
      name: 'Node',
      note: 'Node 20 or later, as a file ending in .mjs.',
      text: nodeOf(origin, body),
      guide: 'code',
    },
    { name: 'Python', note: 'Python 3, nothing to install.', text: pythonOf(origin, body), guide: 'code' },
    {
      name: 'n8n',
      note: 'Copy, and paste it into the canvas of a workflow. The Ringback node also waits for the result.',
      text: n8nOf(origin, body),
      guide: 'n8n',
    },
    {
      name: 'Zapier',
      note: 'Webhooks by Zapier, Custom Request. The Ringback app also waits for the result.',
      text: zapierOf(origin, body),
      guide: 'zapier',
    },
    {
      name: 'Make',
      note: 'HTTP, Make a request. The Ringback app has the models and their fields.',
      text: makeOf(origin, body),
      guide: 'make',
    },
    {
      name: 'Power Automate',
      note: 'Its own connector: the action Create a task and wait.',
      text: powerAutomateOf(origin, body),
      guide: 'power-automate',
    },
    {
      name: 'Agent',
      note: 'Claude Code, by the Model Context Protocol.',
      text: agentOf(origin, body),
      guide: 'agents',
    },
  ];
}

/** A command to paste; quotes in the body are safe in it. */
export function curlOf(origin: string, body: unknown): string {
  return [
    `curl ${origin}/v1/tasks \\`,
    `  -H "Authorization: Bearer $KEY" \\`,
    `  -H "Content-Type: application/json" \\`,
    `  -d ${shellQuoted(indented(body))}`,
  ].join('\n');
}

function nodeOf(origin: string, body: unknown): string {
  return `const response = await fetch('${origin}/v1/tasks', {
  method: 'POST',
  headers: {
    authorization: \`Bearer \${process.env.RINGBACK_KEY}\`,
    'content-type': 'application/json',
    'idempotency-key': crypto.randomUUID(), // keep it: the same key never makes a second task
  },
  body: JSON.stringify(${indented(body, 2)}),
});
console.log(response.status, await response.json());`;
}

function pythonOf(origin: string, body: unknown): string {
  // JSON in a raw text: Python has True and None where JSON has true and null.
  return `import json, os, urllib.request

body = json.loads(${pythonText(indented(body))})
request = urllib.request.Request(
    "${origin}/v1/tasks",
    data=json.dumps(body).encode(),
    headers={
        "Authorization": f"Bearer {os.environ['RINGBACK_KEY']}",
        "Content-Type": "application/json",
        "User-Agent": "my-app/1.0",
    },
)
with urllib.request.urlopen(request) as response:
    print(response.status, json.load(response))`;
}

function n8nOf(origin: string, body: unknown): string {
  const node = {
    name: 'Post to Ringback',
    type: 'n8n-nodes-base.httpRequest',
    typeVersion: 4.2,
    position: [0, 0],
    parameters: {
      method: 'POST',
      url: `${origin}/v1/tasks`,
      authentication: 'genericCredentialType',
      genericAuthType: 'httpHeaderAuth',
      sendHeaders: true,
      headerParameters: { parameters: [{ name: 'Idempotency-Key', value: '={{ $execution.id }}' }] },
      sendBody: true,
      specifyBody: 'json',
      jsonBody: JSON.stringify(body, null, 2),
      options: {},
    },
  };
  return JSON.stringify({ nodes: [node], connections: {} }, null, 2);
}

function zapierOf(origin: string, body: unknown): string {
  return `Method   POST
URL      ${origin}/v1/tasks
Headers  Authorization    Bearer ${KEY}
         Content-Type     application/json
         Idempotency-Key  the id of the row or the record from your trigger
Data     ${indented(body, 9)}`;
}

function makeOf(origin: string, body: unknown): string {
  return `Authentication type  API key: Bearer ${KEY}, in the header Authorization
URL                  ${origin}/v1/tasks
Method               POST
Headers              Idempotency-Key: the id from your trigger
Body content type    application/json
Body input method    JSON string
Body content         ${indented(body, 21)}
Parse response       Yes`;
}

function powerAutomateOf(origin: string, body: unknown): string {
  // The address to call is the platform's own, which it puts in by itself.
  const { callback_url: _, ...fields }: Record<string, unknown> = { ...Object(body) };
  return `Import  ${origin}/connectors/power-automate.json
Key     Bearer ${KEY}
Action  Create a task and wait
Fields  ${indented(fields, 8)}`;
}

function agentOf(origin: string, body: unknown): string {
  return `claude mcp add --transport http ringback ${origin}/mcp --header "Authorization: Bearer ${KEY}"

Then say: create a task with these arguments, and wait for it.

${indented(body)}`;
}

/** Checks one callback with the client's secret: what the receiver of any callback has to do. */
export function verifySnippet(body: string, headers: Readonly<Record<string, string>>): string {
  const value = (name: string) => JSON.stringify(headers[name] ?? `the header ${name} of the attempt`);
  return `import { createHmac, timingSafeEqual } from 'node:crypto';

const id = ${value('webhook-id')};
const timestamp = ${value('webhook-timestamp')};
const signature = ${value('webhook-signature')};
const body = ${JSON.stringify(body)};

// The client's whsec_… secret. In a receiver, refuse a timestamp older than five minutes too.
const secret = process.env.SIGNING_SECRET ?? '';
if (!secret.startsWith('whsec_')) {
  console.error('Set SIGNING_SECRET to the whsec_… secret that was shown with the key of the client.');
  process.exit(1);
}
const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
const expected = 'v1,' + createHmac('sha256', key).update(\`\${id}.\${timestamp}.\${body}\`).digest('base64');
const holds = signature.split(' ').some(
  (one) => one.length === expected.length && timingSafeEqual(Buffer.from(one), Buffer.from(expected)),
);
console.log(holds ? 'It is from Ringback.' : 'It is not from Ringback, or it was changed.');`;
}

/** JSON over several lines, each but the first moved to the right. */
function indented(body: unknown, by = 0): string {
  return JSON.stringify(body, null, 2).replaceAll('\n', `\n${' '.repeat(by)}`);
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function pythonText(text: string): string {
  // A JSON text of a JSON text is a text of Python too: it has the same escapes.
  return text.includes('"""') || text.includes('\\') ? JSON.stringify(text) : `"""${text}"""`;
}
