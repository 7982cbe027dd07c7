/** So many of them, the first and the last included, spread evenly; all where they are no more. */
export function spreadSample<T>(all: readonly T[], size: number): T[] {
  if (all.length <= size) return [...all];
  const step = (all.length - 1) / (size - 1);
  return Array.from({ length: size }, (_, index) => all[Math.round(index * step)]).filter(
    (one) => one !== undefined,
  );
}
