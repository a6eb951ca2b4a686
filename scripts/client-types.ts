import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { typesOf, type Schema } from './client/schema-types.ts';
import { generateSecrets } from './secrets.ts';
import { ROOT, startWorker } from './worker.ts';

const FILE = join(ROOT, 'client', 'types.ts');
/** What the client sends and reads, and what callbacks carry; with all that these refer to. */
const ROOTS = [
  'Task',
  'TaskRequest',
  'AttemptPage',
  'Problem',
  'Callback',
  'CallbackFailed',
  'CallbackTestBody',
  'RecordEnvelope',
  'TaskPage',
  'Event',
  'Subscription',
  'SubscriptionRequest',
  'Model',
  'Estimate',
  'EstimateRequest',
  'Redeliveries',
  'RedeliveriesResult',
  'CallbackTest',
  'CallbackTestResult',
];
const HEAD =
  '// Made from /openapi.json by `npm run client:types`; `npm run check` fails where it is not up to date.\n\n';

const documentShape = z.object({
  components: z.object({
    schemas: z.record(
      z.string(),
      z.custom<Schema>((value) => typeof value === 'object'),
    ),
  }),
});

const types = HEAD + typesOf(await readSchemas(), ROOTS);
if (process.argv.includes('--check')) {
  if ((await readFile(FILE, 'utf8').catch(() => '')) !== types) {
    console.error('client/types.ts is not what /openapi.json says: run `npm run client:types`.');
    process.exit(1);
  }
} else await writeFile(FILE, types);
// workerd's handles outlive it otherwise.
process.exit(0);

/** The schemas of `/openapi.json`, asked of Ringback itself: bundled as it is deployed. */
async function readSchemas(): Promise<Record<string, Schema>> {
  const persistTo = await mkdtemp(join(tmpdir(), 'ringback-openapi-'));
  const vars = { ...generateSecrets() };
  const worker = await startWorker({ config: 'wrangler.toml', vars, port: 0, persistTo, watch: false });
  try {
    const response = await fetch(new URL('/openapi.json', worker.url));
    return documentShape.parse(await response.json()).components.schemas;
  } finally {
    await worker.stop();
    await rm(persistTo, { recursive: true, force: true });
  }
}
