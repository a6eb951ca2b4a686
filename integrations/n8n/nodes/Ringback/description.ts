import type { INodeProperties } from 'n8n-workflow';

const ASKS = ['createAndWait', 'create', 'estimate'];
const MAKES = ['createAndWait', 'create'];
const OF_ONE = ['get', 'cancel', 'redeliver'];

export const properties: INodeProperties[] = [
  {
    displayName: 'Operation',
    name: 'operation',
    type: 'options',
    noDataExpression: true,
    default: 'createAndWait',
    options: [
      {
        name: 'Cancel',
        value: 'cancel',
        action: 'Cancel a task',
        description: 'Stop following a task; what the provider has begun, it ends and charges',
      },
      {
        name: 'Create',
        value: 'create',
        action: 'Create a task',
        description: 'Start a video or image and go on at once',
      },
      {
        name: 'Create and Wait',
        value: 'createAndWait',
        action: 'Create a task and wait for it',
        description: 'Start a video or image, sleep until it is ready, and go on with its link',
      },
      {
        name: 'Estimate',
        value: 'estimate',
        action: 'Estimate what a task would cost',
        description: 'What a task would cost, in credits; spends nothing',
      },
      { name: 'Get', value: 'get', action: 'Get a task', description: 'A task as it stands' },
      { name: 'Get Many', value: 'getAll', action: 'Get many tasks', description: 'Tasks, the newest first' },
      {
        name: 'Send Callback Again',
        value: 'redeliver',
        action: 'Send the callback of a task again',
        description: 'With the result as the provider gives it now',
      },
    ],
  },
  {
    displayName: 'Model Name or ID',
    name: 'model',
    type: 'options',
    typeOptions: { loadOptionsMethod: 'getModels' },
    default: '',
    required: true,
    description:
      'What makes it. Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
    displayOptions: { show: { operation: ASKS } },
  },
  {
    displayName: 'Specify Input',
    name: 'specifyInput',
    type: 'options',
    default: 'fields',
    options: [
      { name: 'Using Fields Below', value: 'fields' },
      { name: 'Using JSON', value: 'json' },
    ],
    displayOptions: { show: { operation: ASKS } },
  },
  {
    displayName: 'Input',
    name: 'input',
    type: 'resourceMapper',
    noDataExpression: true,
    default: { mappingMode: 'defineBelow', value: null },
    required: true,
    typeOptions: {
      loadOptionsDependsOn: ['model'],
      resourceMapper: {
        resourceMapperMethod: 'getModelFields',
        mode: 'add',
        fieldWords: { singular: 'field', plural: 'fields' },
        addAllFields: false,
        multiKeyMatch: false,
        supportAutoMap: false,
      },
    },
    displayOptions: { show: { operation: ASKS, specifyInput: ['fields'] } },
  },
  {
    displayName: 'Input (JSON)',
    name: 'inputJson',
    type: 'json',
    default:
      '{\n  "prompt": "A red fox walks through fresh snow at dawn",\n  "resolution": "720p",\n  "duration": 5\n}',
    required: true,
    displayOptions: { show: { operation: ASKS, specifyInput: ['json'] } },
  },
  {
    displayName: 'Task ID',
    name: 'taskId',
    type: 'string',
    default: '',
    required: true,
    placeholder: 'task_01kapzk2rfq7w3v5x8n0c4t6ym',
    displayOptions: { show: { operation: OF_ONE } },
  },
  {
    displayName: 'State',
    name: 'state',
    type: 'options',
    default: '',
    description: 'Whether to return the tasks in this state alone',
    options: [
      { name: 'Any', value: '' },
      { name: 'Canceled', value: 'canceled' },
      { name: 'Failed', value: 'failed' },
      { name: 'Queued', value: 'queued' },
      { name: 'Running', value: 'running' },
      { name: 'Succeeded', value: 'succeeded' },
    ],
    displayOptions: { show: { operation: ['getAll'] } },
  },
  {
    displayName: 'Return All',
    name: 'returnAll',
    type: 'boolean',
    default: false,
    description: 'Whether to return all results or only up to a given limit',
    displayOptions: { show: { operation: ['getAll'] } },
  },
  {
    displayName: 'Limit',
    name: 'limit',
    type: 'number',
    typeOptions: { minValue: 1 },
    default: 50,
    description: 'Max number of results to return',
    displayOptions: { show: { operation: ['getAll'], returnAll: [false] } },
  },
  {
    displayName: 'Options',
    name: 'options',
    type: 'collection',
    placeholder: 'Add option',
    default: {},
    displayOptions: { show: { operation: MAKES } },
    options: [
      {
        displayName: 'Callback URL',
        name: 'callbackUrl',
        type: 'string',
        default: '',
        description: 'Told the end, signed. Create and Wait uses an address of its own.',
      },
      {
        displayName: 'Idempotency Key',
        name: 'idempotencyKey',
        type: 'string',
        default: '',
        description: 'A text that is new for each task. Without it, one is made of this run of the node.',
      },
      {
        displayName: 'Keep Result',
        name: 'keepResult',
        type: 'boolean',
        default: true,
        description:
          'Whether Ringback keeps a copy of each file, so that its link stays. Where it keeps none, this changes nothing.',
      },
      {
        displayName: 'Metadata',
        name: 'metadata',
        type: 'fixedCollection',
        typeOptions: { multipleValues: true },
        default: {},
        description: 'Values of your own, which come back with the task',
        options: [
          {
            displayName: 'Value',
            name: 'values',
            values: [
              { displayName: 'Name', name: 'name', type: 'string', default: '' },
              { displayName: 'Value', name: 'value', type: 'string', default: '' },
            ],
          },
        ],
      },
      {
        displayName: 'Timeout (Seconds)',
        name: 'timeoutSeconds',
        type: 'number',
        typeOptions: { minValue: 1 },
        default: 3600,
        description: 'Without an end by then the task fails',
      },
    ],
  },
];
