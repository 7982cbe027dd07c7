/** How often each whole number came: as exact as a list of them, and no longer than they differ. */
export type Histogram = Map<number, number>;

export function countNumber(histogram: Histogram, number: number): void {
  histogram.set(number, (histogram.get(number) ?? 0) + 1);
}

/** The mean is rounded to four decimals; null when there is none. */
export function describeHistogram(histogram: Histogram): {
  count: number;
  median: number | null;
  mean: number | null;
} {
  const sorted = [...histogram].toSorted(([a], [b]) => a - b);
  const count = sorted.reduce((sum, [, times]) => sum + times, 0);
  if (count === 0) return { count, median: null, mean: null };
  const total = sorted.reduce((sum, [number, times]) => sum + number * times, 0);
  const low = findRank(sorted, Math.floor((count - 1) / 2));
  const high = findRank(sorted, Math.floor(count / 2));
  return { count, median: (low + high) / 2, mean: Math.round((total / count) * 10_000) / 10_000 };
}

function findRank(sorted: [number, number][], rank: number): number {
  let passed = 0;
  for (const [number, times] of sorted) {
    passed += times;
    if (passed > rank) return number;
  }
  return Number.NaN;
}
