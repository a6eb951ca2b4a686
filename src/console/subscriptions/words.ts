import type { EventType } from '../../domain/events/event.ts';
import type { Format } from '../../domain/subscription.ts';

/** What an event is called where people choose. */
export const EVENT_WORDS: Readonly<Record<EventType, string>> = {
  'task.running': 'A task was taken by upstream',
  'task.succeeded': 'A task succeeded',
  'task.failed': 'A task failed',
  'task.canceled': 'A task was canceled',
  'callback.failed': 'A callback was given up',
  'receiver.failing': 'A receiver does not answer any more',
  'receiver.recovered': 'A receiver answers again',
  'upstream.failing': 'Upstream does not answer properly, or refuses the key',
  'upstream.recovered': 'Upstream answers properly again',
  'credits.exhausted': 'The upstream credits are used up',
  'spending.near': 'A client is at 80 % of its daily credits',
};

/** Each format, and how one gets the URL for it. */
export const FORMAT_WORDS: Readonly<Record<Format, { readonly name: string; readonly how: string }>> = {
  slack: {
    name: 'Slack',
    how:
      'At api.slack.com/apps: Create New App, From scratch. Then Incoming Webhooks: switch it on, Add New Webhook, choose the ' +
      'channel, Allow, and copy the Webhook URL (https://hooks.slack.com/services/…).',
  },
  discord: {
    name: 'Discord',
    how:
      'In Discord: the gear beside the channel, Integrations, Webhooks, New Webhook, then Copy Webhook URL ' +
      '(https://discord.com/api/webhooks/…).',
  },
  teams: {
    name: 'Microsoft Teams',
    how:
      'In Teams: the three dots beside the channel, Workflows, “Send webhook alerts to a channel”, Save, and copy the URL that is ' +
      'shown then.',
  },
  json: {
    name: 'JSON, for a program or a tool',
    how: 'The address of your own webhook: it gets the same flat body as a callback, signed.',
  },
};
