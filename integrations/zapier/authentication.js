import { urlOf } from './lib/api.js';

export default {
  type: 'custom',
  fields: [
    {
      key: 'url',
      label: 'Address',
      type: 'string',
      required: true,
      helpText: "Your Ringback's address, such as `https://ringback.your-name.workers.dev`.",
    },
    {
      key: 'key',
      label: 'Key',
      type: 'password',
      required: true,
      helpText: "Your client's key: it begins with `rb_`.",
    },
    {
      key: 'signing_secret',
      label: 'Signing secret',
      type: 'password',
      required: false,
      helpText: 'It begins with `whsec_`. With it, triggers take only what your Ringback has signed.',
    },
  ],
  test: async (z, bundle) => (await z.request(urlOf(bundle, '/v1/client'))).data,
  connectionLabel: '{{name}}',
};
