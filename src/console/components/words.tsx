import { pretty } from './code.tsx';
import { Time } from './time.tsx';

const INSTANT = /(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)/;
/** What a peer answered, where it looks like JSON: quoted as JSON text. */
const JSON_ANSWER = /^(.*?) with ("(?:\s|\\[nrt])*[{[](?:[^"\\]|\\.)*")[;,]? ?(.*)$/s;

/** A sentence of Ringback or of a peer: hostile text as it is, with instants in the viewer's zone, and JSON of a peer to read. */
export function Words({ text }: { text: string }) {
  const [, before = text, answer, after = ''] = JSON_ANSWER.exec(text) ?? [];
  const said = answer === undefined ? null : unquoted(answer);
  if (said === null) return <Sentence text={text} />;
  return (
    <>
      <Sentence text={`${before}:`} />
      <pre class="answer">{indented(said)}</pre>
      {after === '' ? null : <Sentence text={after.charAt(0).toUpperCase() + after.slice(1)} />}
    </>
  );
}

function Sentence({ text }: { text: string }) {
  return (
    <p class="words">
      {text.split(INSTANT).map((part) => (INSTANT.test(part) ? <Time at={Date.parse(part)} /> : part))}
    </p>
  );
}

function unquoted(text: string): string | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : null;
  } catch {
    return null;
  }
}

/** As JSON for people; where it was cut, as it came. */
function indented(text: string): string {
  try {
    return pretty(JSON.parse(text));
  } catch {
    return text.trim();
  }
}
