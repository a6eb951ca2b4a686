import { urlOf } from './api.js';
import { OUTPUT_FIELDS } from './samples.js';
import { requireSignature } from './signature.js';

/** As many samples as Zapier shows. */
const SAMPLES = 3;

/** What a REST hook over subscriptions does. @param eventsOf the events that it is for, by what was entered. */
export function hookOperation({ eventsOf, inputFields, sample }) {
  return {
    type: 'hook',
    inputFields,
    performSubscribe: async (z, bundle) => {
      const body = {
        url: bundle.targetUrl,
        events: eventsOf(bundle.inputData),
        models: bundle.inputData.models?.length > 0 ? bundle.inputData.models : null,
        description: 'Zapier',
      };
      return (await z.request({ method: 'POST', url: urlOf(bundle, '/v1/subscriptions'), body })).data;
    },
    performUnsubscribe: async (z, bundle) => {
      const { id } = bundle.subscribeData;
      await z.request({ method: 'DELETE', url: urlOf(bundle, `/v1/subscriptions/${id}`) }).catch((error) => {
        // It is gone: the receiver's 410 has stopped it, or somebody has deleted it.
        if (!error.message.includes('"status":404')) throw error;
      });
      return {};
    },
    perform: (z, bundle) => {
      requireSignature(z, bundle);
      return [bundle.cleanedRequest];
    },
    performList: async (z, bundle) => {
      const found = [];
      for (const type of eventsOf(bundle.inputData)) {
        const params = { type, limit: SAMPLES };
        found.push(...(await z.request({ url: urlOf(bundle, '/v1/events'), params })).data.data);
      }
      return found.toSorted((a, b) => b.timestamp.localeCompare(a.timestamp)).slice(0, SAMPLES);
    },
    sample,
    outputFields: OUTPUT_FIELDS,
  };
}
