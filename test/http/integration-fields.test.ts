import { describe, expect, it } from 'vitest';
import { OutcomeFields, TaskJson } from '../../src/http/task-json.ts';
import { taskOptions } from '../../src/http/task-request.ts';

const files = import.meta.glob<string>('../../integrations/{make,zapier,n8n,python}/**/*.{json,js,ts,py}', {
  query: '?raw',
  import: 'default',
  eager: true,
});

const samples = import.meta.glob<{ EVENT: object }>('../../integrations/zapier/lib/samples.js', {
  eager: true,
});

/** What Ringback says of a task, and of its end. */
const TASK = Object.keys(TaskJson.shape).toSorted();
const END = [
  'type',
  'event_id',
  'timestamp',
  'id',
  'model',
  'state',
  ...Object.keys(OutcomeFields),
].toSorted();
/** What people may enter beside a model and its input. Headers of a callback are for addresses that are not the tool's own. */
const OPTIONS = Object.keys(taskOptions).filter((name) => name !== 'callback_headers');

function read(path: string): string {
  const text = files[`../../integrations/${path}`];
  if (text === undefined) throw new Error(`integrations/${path} is not there`);
  return text;
}

/** The fields that a module of Make shows. */
function fieldsOfModule(module: string): string[] {
  const fields: { name: string }[] = JSON.parse(read(`make/modules/${module}/${module}.interface.iml.json`));
  return fields.map(({ name }) => name).toSorted();
}

/** The fields of a class of the Python client, without those of the class that it extends. */
function fieldsOfClass(name: string): string[] {
  const source = read('python/ringback.py');
  const [, body = ''] = new RegExp(`^class ${name}\\(.*\\):\\n((?: .*\\n|\\n)*)`, 'm').exec(source) ?? [];
  return Array.from(body.matchAll(/^ {4}(\w+): /gm), ([, field = '']) => field);
}

describe('the integrations know every field of Ringback:', () => {
  it.each(['create-task', 'get-task', 'list-tasks', 'cancel-task', 'redeliver-task'])(
    'Make, %s',
    (module) => {
      expect(fieldsOfModule(module)).toEqual(TASK);
    },
  );

  it('Make, watch-tasks', () => {
    expect(fieldsOfModule('watch-tasks')).toEqual(END);
  });

  it('Zapier, by its samples', () => {
    const [sample] = Object.values(samples);
    expect(Object.keys(sample?.EVENT ?? {}).toSorted()).toEqual(END);
  });

  it('Python, by its types', () => {
    const both = fieldsOfClass('_Outcome');
    expect([...both, ...fieldsOfClass('Task')].toSorted()).toEqual(TASK);
    expect([...both, ...fieldsOfClass('Event')].toSorted()).toEqual(END);
  });

  it.each([
    ['Make', 'make/modules/create-task/create-task.communication.iml.json'],
    ['Zapier', 'zapier/creates/create_task.js'],
    ['n8n', 'n8n/nodes/Ringback/tasks.ts'],
    ['Python', 'python/ringback.py'],
  ])('%s, what a task may be posted with', (_, path) => {
    const source = read(path);
    for (const option of OPTIONS) expect(source).toContain(option);
  });
});
