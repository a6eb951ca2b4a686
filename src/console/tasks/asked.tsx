import { Code, pretty } from '../components/code.tsx';
import { count } from '../components/time.tsx';
import { curlOf } from '../try/snippets.ts';
import { callbackUrl } from './read.ts';
import type { ViewedTask } from './read.ts';

/** What a reader puts an address of their own in the place of. */
const EXAMPLE_HOOK = 'https://hooks.example.com/your-hook';

/** The part that stays: what was asked for. */
export function TaskStill({ viewed: { task, inbox, origin } }: { viewed: ViewedTask }) {
  // The built-in inbox is the console's alone: nobody else can send callbacks there.
  const url = inbox === null ? callbackUrl(task) : EXAMPLE_HOOK;
  const body = {
    model: task.model,
    input: task.input,
    ...(url === null ? {} : { callback_url: url }),
    ...(Object.keys(task.metadata).length === 0 ? {} : { metadata: task.metadata }),
  };
  return (
    <div class="pair">
      <section class="card" aria-labelledby="input-title">
        <h2 id="input-title">Input</h2>
        <Code id="input-json" label="input" text={pretty(task.input)} />
        <h3>Metadata</h3>
        {Object.keys(task.metadata).length === 0 ? (
          <p class="dim">None.</p>
        ) : (
          <Code id="metadata-json" label="metadata" text={pretty(task.metadata)} />
        )}
      </section>
      <section class="card" aria-labelledby="curl-title">
        <h2 id="curl-title">Post it again, as curl</h2>
        <p class="hint">
          A new task, with its price
          {task.estimatedCredits === null ? '' : ` of ${count(task.estimatedCredits)} credits`}. Callback
          headers are kept sealed, so add them yourself.
        </p>
        <Code id="task-curl" label="curl command" text={curlOf(origin, body)} />
        <p class="hint">
          Step by step, from n8n, Zapier, Make, Power Automate or code: <a href="/guides/n8n">the guides</a>.
        </p>
      </section>
    </div>
  );
}
