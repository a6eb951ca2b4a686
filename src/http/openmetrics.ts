/** One value, with its labels. `suffix` is what the format adds to the family's name for it. */
export interface Sample {
  readonly value: number | null;
  readonly labels?: Readonly<Record<string, string>>;
  readonly suffix?: '_total' | '_info' | '_count' | '_sum';
}

/** Samples of one name. A name that ends in a unit says which. */
export interface Family {
  readonly name: string;
  readonly type: 'gauge' | 'counter' | 'summary' | 'info';
  readonly help: string;
  readonly unit?: 'seconds' | 'bytes' | 'dollars';
  readonly samples: readonly Sample[];
}

export const OPEN_METRICS_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/** The text of OpenMetrics 1.0 (https://prometheus.io/docs/specs/om/open_metrics_spec/). What has no value is absent. */
export function openMetrics(families: readonly Family[]): string {
  const lines = families.flatMap(({ name, type, help, unit, samples }) => [
    `# TYPE ${name} ${type}`,
    ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
    `# HELP ${name} ${escaped(help)}`,
    ...samples.flatMap(({ value, labels = {}, suffix = '' }) =>
      value === null ? [] : [`${name}${suffix}${labelsOf(labels)} ${value}`],
    ),
  ]);
  return [...lines, '# EOF', ''].join('\n');
}

function labelsOf(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}
