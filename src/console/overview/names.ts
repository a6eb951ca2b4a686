import { count } from '../components/time.tsx';

/** Clients that are named in one sentence. */
const MAX_NAMES = 3;

/** Some names and how many more there are, as a sentence has them. */
export function namesInWords(names: readonly string[]): string {
  const shown = names.slice(0, MAX_NAMES);
  const more = names.length - shown.length;
  return shown.join(', ') + (more === 0 ? '' : ` and ${count(more)} more`);
}
