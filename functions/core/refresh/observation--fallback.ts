/**
 * Why a refresh leaves it to a crawl:
 * `reordered`: offers stand in another order than before, or one that was gone is there again;
 * `inserted`: an unknown offer stands between known ones, or the list holds more than can be known of it;
 * `foreign`: nothing known is there, or nothing at all;
 * `uneven`: pages are of different length;
 * `contradicted`: the portal's answers exclude each other;
 * `shrunk`: more is gone than can be asked for;
 * `restless`: the list moves faster than it can be read;
 * `costly`: it would cost no less.
 */
export type FallbackReason =
  "reordered" | "inserted" | "foreign" | "uneven" | "contradicted" | "shrunk" | "restless" | "costly";

/** What the rules of a refresh do not explain, or do not save anything of: thrown to `openRefreshPlan`, a crawl it is. */
export class CrawlFallback extends Error {
  readonly reason: FallbackReason;

  constructor(reason: FallbackReason) {
    super(reason);
    this.name = "Fallback";
    this.reason = reason;
  }
}
