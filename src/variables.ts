/**
 * What the text of a variable means; undefined is a variable that is not set. Throws a `Fault` where it means nothing.
 *
 * Plain functions, and no schemas: each isolate reads its configuration before it does anything, and on the Free plan the library
 * alone takes as long to be evaluated as a cron run may take.
 */
export type Rule<Value> = (text: string | undefined) => Value;

/** What is wrong with a variable, in words that go behind its name, and that hold nothing of its value. */
export class Fault extends Error {}

export function refuseUnless(isRight: boolean, words: string): void {
  if (!isRight) throw new Fault(words);
}

/** A whole number within bounds; an empty text is none. */
export function wholeNumber(min: number, max: number, fallback: number): Rule<number> {
  return (text) => {
    if (text === undefined) return fallback;
    refuseUnless(/^\d+$/.test(text), 'must be a whole number');
    const value = Number(text);
    refuseUnless(value >= min, `must be at least ${min}`);
    refuseUnless(value <= max, `must be at most ${max}`);
    return value;
  };
}

/** The same, of seconds, as ms. */
export function seconds(min: number, max: number, fallback: number): Rule<number> {
  const rule = wholeNumber(min, max, fallback);
  return (text) => rule(text) * 1_000;
}

/** Whether it is a URL with one of these protocols, which are written as `https:`. */
export function isUrl(text: string, protocols: readonly string[]): boolean {
  return URL.canParse(text) && protocols.includes(new URL(text).protocol);
}

type Values<Rules> = { [Name in keyof Rules]: Rules[Name] extends Rule<infer Value> ? Value : never };

/** All variables by their rules; or what is wrong with each that is at fault, behind its name. */
export function readVariables<Rules extends Readonly<Record<string, Rule<unknown>>>>(
  rules: Rules,
  env: object,
): { values: Values<Rules> } | { problems: readonly string[] } {
  const given = new Map<string, unknown>(Object.entries(env));
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, rule] of Object.entries(rules)) {
    try {
      values[name] = rule(textOf(given.get(name)));
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      problems.push(`${name} ${error.message}.`);
    }
  }
  if (problems.length > 0) return { problems };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each by its own rule
  return { values: values as Values<Rules> };
}

/** wrangler.toml may hold `5` and `false` without quotes too. */
function textOf(value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Fault('must be text');
}
