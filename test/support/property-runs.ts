/**
 * Scales the number of runs of a property that takes seconds. A mutation test runs such a property hundreds of times,
 * so it sets `PROPERTY_SHARE` to a share of the runs.
 */
export function scaleRuns(runs: number): number {
  return Math.ceil(runs * Number(process.env["PROPERTY_SHARE"] ?? 1));
}
