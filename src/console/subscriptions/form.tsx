import type { EventType } from '../../domain/events/event.ts';
import type { Format } from '../../domain/subscription.ts';
import { formatted } from '../../domain/formats/format.ts';
import type { ProblemError } from '../../http/problem.ts';
import { SAMPLE_PROMPT, sampleBody } from '../../http/send-test.ts';
import { Code, pretty } from '../components/code.tsx';
import { Notice } from '../components/notice.tsx';
import { EVENT_WORDS, FORMAT_WORDS } from './words.ts';

/** What was typed, or stands there at first. */
export interface Typed {
  readonly url: string;
  readonly description: string;
  readonly format: string;
  readonly events: readonly string[];
}

interface FormProps {
  readonly action: string;
  readonly events: readonly EventType[];
  readonly typed: Typed;
  readonly problem: ProblemError | null;
  readonly now: number;
}

const FORMAT_ORDER = ['slack', 'discord', 'teams', 'json'] as const satisfies readonly Format[];
const SAMPLE_ID = 'task_01kapzk2rfq7w3v5x8n0c4t6ym';

/** A form for one more address: where to, in which format, and of what. */
export function SubscriptionForm({ action, events, typed, problem, now }: FormProps) {
  const faultOf = (name: string) =>
    problem?.errors.find(({ path }) => path === name || path.startsWith(`${name}.`))?.message ?? null;
  const urlFault = faultOf('url');
  const eventsFault = faultOf('events');
  return (
    <form method="post" action={action} class="card stack" aria-labelledby="new-title">
      <h2 id="new-title">New address</h2>
      {problem === null ? null : <Notice tone="bad" title={problem.message} isAlert={true} />}
      <Formats chosen={typed.format} />
      <div class="field">
        <label for="url">URL</label>
        <input
          id="url"
          name="url"
          value={typed.url}
          type="text"
          inputmode="url"
          autocomplete="off"
          required
          aria-describedby="url-hint"
          aria-invalid={urlFault === null ? undefined : 'true'}
        />
        {urlFault === null ? null : <small class="fault">{urlFault}</small>}
        <small class="hint" id="url-hint">
          As the service gave it. Whoever has it can write to your channel.
        </small>
      </div>
      <fieldset class="stack">
        <legend>Tell of</legend>
        {eventsFault === null ? null : <small class="fault">{eventsFault}</small>}
        {events.map((event) => (
          <label class="check">
            <input type="checkbox" name="events" value={event} checked={typed.events.includes(event)} />
            <span>
              {EVENT_WORDS[event]} <small class="hint mono">{event}</small>
            </span>
          </label>
        ))}
      </fieldset>
      <div class="field">
        <label for="description">
          Description <small>optional</small>
        </label>
        <input
          id="description"
          name="description"
          value={typed.description}
          type="text"
          maxlength={200}
          autocomplete="off"
        />
        {faultOf('description') === null ? null : <small class="fault">{faultOf('description')}</small>}
      </div>
      <div>
        <button type="submit" class="primary" id="subscribe">
          Connect it
        </button>
      </div>
      <Previews now={now} />
    </form>
  );
}

function Formats({ chosen }: { chosen: string }) {
  return (
    <fieldset class="stack">
      <legend>Where to</legend>
      {FORMAT_ORDER.map((format) => (
        <label class="check">
          <input type="radio" name="format" value={format} checked={chosen === format} required />
          <span>
            {FORMAT_WORDS[format].name} <small class="hint">{FORMAT_WORDS[format].how}</small>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

function Previews({ now }: { now: number }) {
  return (
    <details>
      <summary>What a message looks like</summary>
      {FORMAT_ORDER.map((format) => (
        <>
          <h3>{FORMAT_WORDS[format].name}</h3>
          <Code
            id={`preview-${format}`}
            label={`message for ${FORMAT_WORDS[format].name}`}
            text={pretty(previewOf(format, now))}
          />
        </>
      ))}
    </details>
  );
}

function previewOf(format: Format, now: number): unknown {
  const body = { ...sampleBody(SAMPLE_ID, now), type: 'task.succeeded' };
  return JSON.parse(formatted(format, body, SAMPLE_PROMPT));
}
