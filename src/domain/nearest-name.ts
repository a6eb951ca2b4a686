/** So many letters may differ: `promt` is `prompt`, and `model` is not `mode_of_payment`. */
const MAX_EDITS = 2;
/** Longer ones are no slip of the finger, and comparing them would take its time. */
const MAX_CHARACTERS = 64;

/** The name that was probably meant: spelt alike but for case and separators, or one or two letters off; null where none is near. */
export function nearestName(name: string, known: Iterable<string>): string | null {
  if (name.length > MAX_CHARACTERS) return null;
  const given = bare(name);
  let nearest: string | null = null;
  let fewest = Math.min(MAX_EDITS, Math.floor(given.length / 3)) + 1;
  for (const candidate of known) {
    const edits = editsBetween(given, bare(candidate));
    if (edits >= fewest) continue;
    nearest = candidate;
    fewest = edits;
  }
  return nearest;
}

function bare(name: string): string {
  return name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}

/** Letters to insert, drop, change or swap with their neighbour (optimal string alignment). */
function editsBetween(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  const at = (i: number, j: number) => rows[i]?.[j] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(
        Math.min(
          at(i - 1, j) + 1,
          at(i, j - 1) + 1,
          at(i - 1, j - 1) + (isSame ? 0 : 1),
          isSwapped ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
  }
  return at(a.length, b.length);
}
