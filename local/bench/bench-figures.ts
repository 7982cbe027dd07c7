/** A measured value and its bound in docs/performance.md. `isReached` is true when the value meets the bound. */
export type BenchFigure = { name: string; measured: string; bound: string; isReached: boolean };

export function formatFigure({ name, measured, bound, isReached }: BenchFigure): string {
  return `${isReached ? "reached" : "MISSED "}  ${name}: ${measured} (${bound})`;
}

export function atMost(name: string, value: number, bound: { max: number; unit: string }): BenchFigure {
  const { max, unit } = bound;
  return {
    name,
    measured: `${round(value)}${unit}`,
    bound: `at most ${round(max)}${unit}`,
    isReached: value <= max,
  };
}

export function atLeast(name: string, value: number, min: number): BenchFigure {
  return { name, measured: round(value), bound: `at least ${round(min)}`, isReached: value >= min };
}

/** Makes a figure that has no bound and therefore cannot miss one. */
export function reportFigure(name: string, measured: string): BenchFigure {
  return { name, measured, bound: "no bound", isReached: true };
}

function round(value: number): string {
  return value >= 10 ? value.toFixed(0) : value.toFixed(3);
}

/** Returns the middle value. For an even number of values, returns the higher of the two middle values. */
export function findMedian(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
