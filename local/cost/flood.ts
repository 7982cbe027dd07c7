import { billAnswer, gb, priceRuns } from "./estimate.ts";
import type { Prices } from "./price.ts";
import type { Answer } from "./usage.ts";

const daySeconds = 86_400;
/** https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html#urls-throttling */
const perInstance = 10;

/** Requests a second that Lambda lets through to so many reserved instances; the others cost nothing. */
export function findMostRequests(concurrency: number): number {
  return concurrency * perInstance;
}

/** Dollars a day of whoever gets this answer as often as Lambda allows. */
export function estimateFlood(answer: Answer, concurrency: number, prices: Prices["prices"]): number {
  const ms = billAnswer(answer.cpuMs);
  const requests = daySeconds * Math.min(findMostRequests(concurrency), (concurrency * 1000) / ms);
  return (
    requests * (priceRuns({ ms, invocations: 1 }, "http", prices) + gb(answer.bytes) * prices.transferGb.usd)
  );
}

/**
 * Dollars a day at most: every instance busy all the time, every answer as large as this one, and S3 asked for each
 * as for a permanent link that is none.
 */
export function estimateWorstFlood(answer: Answer, concurrency: number, prices: Prices["prices"]): number {
  const requests = daySeconds * findMostRequests(concurrency);
  const ms = daySeconds * 1000 * concurrency;
  const each = prices.storageRead.usd + gb(answer.bytes) * prices.transferGb.usd;
  return priceRuns({ ms, invocations: requests }, "http", prices) + requests * each;
}
