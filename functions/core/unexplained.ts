/**
 * Why a refresh leaves it to a crawl:
 * `reordered`: offers stand in another order than before, or one that was gone is there again;
 * `inserted`: an unknown offer stands between known ones, or the list holds more than can be known of it;
 * `foreign`: nothing known is there, or nothing at all;
 * `uneven`: pages are of different length;
 * `contradicted`: the portal's answers exclude each other;
 * `restless`: the list moves faster than it can be read;
 * `dear`: it would cost no less.
 */
export type CrawlReason =
  "reordered" | "inserted" | "foreign" | "uneven" | "contradicted" | "restless" | "dear";

/** What the rules of a refresh do not explain; `planRefresh` catches it. */
export class Unexplained extends Error {
  readonly reason: CrawlReason;

  constructor(reason: CrawlReason) {
    super(reason);
    this.name = "Unexplained";
    this.reason = reason;
  }
}
