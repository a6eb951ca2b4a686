/** D1 lets a function have 32 arguments (https://developers.cloudflare.com/d1/platform/limits/). */
const COLUMNS_AT_ONCE = 15;

/** A row as JSON, for a query that brings rows of several tables in one: `fromJson` reads it. */
export function jsonOf(columns: readonly string[], of: (column: string) => string): string {
  const pieces: string[] = [];
  for (let from = 0; from < columns.length; from += COLUMNS_AT_ONCE) {
    const piece = columns.slice(from, from + COLUMNS_AT_ONCE).map((column) => `'${column}', ${of(column)}`);
    pieces.push(`json_object(${piece.join(', ')})`);
  }
  return `json_array(${pieces.join(', ')})`;
}

/** The row that `jsonOf` made. Rows are written by the store alone, so their shape is trusted. */
export function fromJson(json: string): unknown {
  const pieces = JSON.parse(json) as object[];
  return Object.assign({}, ...pieces);
}
