import { Time } from './time.tsx';

const INSTANT = /(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)/;

/** A sentence of the relay or of a peer: hostile text as it is, with instants in the viewer's zone. */
export function Words({ text }: { text: string }) {
  return (
    <p class="words">
      {text.split(INSTANT).map((part) => (INSTANT.test(part) ? <Time at={Date.parse(part)} /> : part))}
    </p>
  );
}
