/** A name that is no setting's, but is probably meant to be one. `nearest` is the setting that it is most like. */
export type MisspeltName = { name: string; nearest: string };

/** All names with this beginning are ours, so one that is unknown is a mistake however far it is from the others. */
const ownPrefix = "PORTAL_";

/**
 * Returns the names that are probably misspelt settings: unknown names that begin with PORTAL_, and names that differ
 * from a setting in a letter or two. `AWS_` begins the names of many settings that are AWS's own.
 */
export function findMisspelt(names: readonly string[], known: readonly string[]): MisspeltName[] {
  return names.flatMap((name) => {
    if (known.includes(name) || /^AWS_/i.test(name)) return [];
    const nearest = findNearest(name, known);
    if (nearest === null) return [];
    const isMeant = name.toUpperCase().startsWith(ownPrefix) || nearest.distance <= maxDistance(nearest.name);
    return isMeant ? [{ name, nearest: nearest.name }] : [];
  });
}

/** Returns the known name with the least distance to the given one; null when there are no known names. */
export function findNearest(
  given: string,
  known: readonly string[],
): { name: string; distance: number } | null {
  const all = known.map((name) => ({ name, distance: measureDistance(simplify(given), simplify(name)) }));
  return all.toSorted((a, b) => a.distance - b.distance)[0] ?? null;
}

/** The more letters a name has, the less likely is another program's name that differs from it in so few letters. */
function maxDistance(name: string): number {
  const { length } = simplify(name);
  if (length < 8) return 0;
  return length < 12 ? 1 : 2;
}

/** Small letters, dashes and underscores are no difference, because people mix them up. */
function simplify(name: string): string {
  return name.toUpperCase().replaceAll(/[-_]/g, "");
}

/**
 * Returns the number of letters to insert, remove, replace or swap with their neighbour that make one text of the
 * other.
 */
function measureDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const isSame = from[row - 1] === to[column - 1];
      const isSwapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current[column] = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (isSame ? 0 : 1),
        isSwapped ? (beforeLast[column - 2] ?? 0) + 1 : Infinity,
      );
    }
    [beforeLast, last] = [last, current];
  }
  return last[to.length] ?? 0;
}
