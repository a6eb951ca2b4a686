/** So many letters may be wrong, missing, too many or swapped. */
const MAX_EDITS = 2;

/** The name that was meant by a misspelt one; null where none is near. */
export function meantName(misspelt: string, names: readonly string[]): string | null {
  const plain = normal(misspelt);
  // A name of a few letters is near to every other.
  if (plain.length < 4 || plain.length > 100) return null;
  const near = names
    .map((name) => ({ name, edits: distance(plain, normal(name)) }))
    .filter(({ edits }) => edits <= MAX_EDITS)
    .toSorted((a, b) => a.edits - b.edits);
  return near[0]?.name ?? null;
}

/** `aspectRatio` and `aspect-ratio` are `aspect_ratio`. */
function normal(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

/** Of Levenshtein: how many letters have to be changed, added or taken away. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > MAX_EDITS) return MAX_EDITS + 1;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
