import type { OfferPage } from "../crawl/offer-page.ts";

/**
 * What one request of a refresh showed. Sights stand in the order of their answers; those of one `round` were under
 * way together, so nothing tells which was first.
 */
export type Observation = PageObservation | OfferObservation;

export type PageObservation = {
  kind: "page";
  round: number;
  number: number;
  ids: string[];
  fingerprints: number[];
  isLast: boolean;
  /** Whether it says that it is the last page, and nothing has proved it. */
  isUnproved?: boolean;
};

/** `fingerprint` is null of an offer that the portal has no more. */
export type OfferObservation = { kind: "offer"; round: number; id: string; fingerprint: number | null };

export function isPageObservation(sight: Observation): sight is PageObservation {
  return sight.kind === "page";
}

/** Whether it shows that the list ends here; what is read beyond the last page is empty. */
export function showsListEnd(sight: Observation | undefined): sight is PageObservation {
  return sight?.kind === "page" && sight.isLast && sight.ids.length > 0;
}

export function observePage(page: OfferPage, round: number, fingerprints: number[]): PageObservation {
  const { number, ids, isLast } = page;
  return { kind: "page", round, number, ids, fingerprints, isLast };
}
