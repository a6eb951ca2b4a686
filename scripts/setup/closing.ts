import { sampleTask } from '../sample.ts';
import type { Answers } from './options.ts';
import type { Deployed } from './steps.ts';

const OF_THE_FREE_PLAN = `
On the Free plan a run has 10 ms of CPU time. With many tasks at a time it takes more, and Cloudflare may end it: nothing is
lost, but callbacks come late (docs/limits.md). For work: take the Paid plan, then npm run setup -- --plan paid
`;

/** What to do next, with the first call to paste; and what to expect of the plan. */
export function closingWords(
  { url, secretsFile, client }: Deployed,
  { client: clientName, plan }: Pick<Answers, 'client' | 'plan'>,
): string {
  const task = JSON.stringify(sampleTask(new URL('https://hooks.example.com/your-hook')));
  const made =
    client === null
      ? `  The client "${clientName}" was there already; its key was shown when it was made. For another key:
  POST ${url}/admin/clients/{id}/rotate-key`
      : `  KEY=${client.key}
  SIGNING_SECRET=${client.signing_secret}

Key and signing secret are shown only now.`;
  return `
Done. Your Ringback is at ${url}

  RINGBACK=${url}
  ADMIN_TOKEN=$(sed -n 's/^ADMIN_TOKEN=//p' ${secretsFile})
${made} Keep ${secretsFile} in a password manager: without
its MASTER_KEY, what is sealed in the database does not open.

Post a first task, with your own hook in it. It costs 400 credits upstream:

  curl ${url}/v1/tasks -H "Authorization: Bearer ${client?.key ?? '$KEY'}" \\
    -H "Content-Type: application/json" -d '${task}'
${plan === 'free' ? OF_THE_FREE_PLAN : ''}`;
}
