import type { Status } from "../offer/offer-status.ts";
import type { Conversion, Figures } from "./figures.ts";

const outcomes = ["accepted", "rejected", "expired"] as const satisfies Status[];

/** With fewer offers than this, a percentage says less than the counts. */
export const minDecided = 5;

/**
 * The conversion that a report may show. `incomplete`: the selection leaves an outcome out, so a share would be one of
 * something else. `none`: no offer has an outcome. `counts`: there are too few outcomes for a percentage.
 */
export type ShownConversion =
  | { type: "incomplete" }
  | { type: "none" }
  | { type: "counts"; accepted: number; decided: number }
  | { type: "shares"; conversion: Conversion };

type Counts = {
  statuses: Record<(typeof outcomes)[number], { offers: number }>;
  conversion: Conversion;
};

/** Decides which conversion is shown of offers from a report of the statuses `selected`. */
export function findShownConversion(selected: Status[], { statuses, conversion }: Counts): ShownConversion {
  if (!outcomes.every((outcome) => selected.includes(outcome))) return { type: "incomplete" };
  const decided = outcomes.reduce((sum, outcome) => sum + statuses[outcome].offers, 0);
  if (decided === 0) return { type: "none" };
  if (decided < minDecided) return { type: "counts", accepted: statuses.accepted.offers, decided };
  return { type: "shares", conversion };
}

/** Returns the number of offers without a readable date of issue. A report of a period includes them. */
export function countUndated({ months }: Pick<Figures, "months">): number {
  const unknown = months.find(({ month }) => month === "unknown");
  return Object.values(unknown?.statuses ?? {}).reduce((sum, { offers }) => sum + offers, 0);
}
