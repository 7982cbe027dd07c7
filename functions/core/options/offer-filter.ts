import { statuses } from "../offer/offer-status.ts";
import type { Options } from "./export-options.ts";

/** The options that decide which offers a report includes. */
export type OfferFilter = Pick<Options, "status" | "period" | "issuedFrom" | "issuedTo">;

/** Whether a report includes offers of every status and every date. Texts about a selection say that they are. */
export type Scope = "all" | "selection";

export function findScope(filter: OfferFilter): Scope {
  return hasEveryStatus(filter) && !hasPeriod(filter) ? "all" : "selection";
}

export function hasEveryStatus({ status }: Pick<OfferFilter, "status">): boolean {
  return status.length === statuses.length;
}

/** True when the report leaves offers out because of their date. */
export function hasPeriod({ period, issuedFrom, issuedTo }: OfferFilter): boolean {
  return period !== null || issuedFrom !== null || issuedTo !== null;
}
