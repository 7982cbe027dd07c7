/** Something measured, and whether it is what the README says. */
export type Figure = { name: string; measured: string; bound: string; isReached: boolean };

export function formatFigure({ name, measured, bound, isReached }: Figure): string {
  return `${isReached ? "reached" : "SHORT  "}  ${name}: ${measured} (${bound})`;
}

export function atMost(name: string, value: number, bound: { most: number; unit: string }): Figure {
  const { most, unit } = bound;
  return {
    name,
    measured: `${round(value)}${unit}`,
    bound: `at most ${round(most)}${unit}`,
    isReached: value <= most,
  };
}

function round(value: number): string {
  return value >= 10 ? value.toFixed(0) : value.toFixed(3);
}
