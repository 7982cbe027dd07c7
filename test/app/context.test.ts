import { describe, expect, it } from "vitest";
import { runStepAttempt } from "../../functions/adapters/bucket/ndjson.ts";
import type { Random } from "../../functions/adapters/random/random.ts";
import { openContext } from "../../functions/app/context.ts";
import { listExports } from "../../functions/app/export/export-store.ts";
import { requestExport } from "../../functions/app/export/start-export.ts";
import { createWatchHandler } from "../../functions/app/schedule/scheduled-reports.ts";
import { createShare } from "../../functions/app/share/share-store.ts";
import { parseQuery } from "../../functions/core/options/export-request.ts";
import { defaultSchedules } from "../../functions/core/schedule/schedules.ts";
import { finishExport, startExport } from "../support/export-requests.ts";
import { rawOffers } from "../support/offer-fixtures.ts";
import { makeShare } from "../support/share-requests.ts";
import { fakeClock, openTestPortal, shiftedClock } from "../support/test-portal.ts";
import { openTestBucket, openTestStack, readTestConfig } from "../support/test-stack.ts";

const startMs = Date.UTC(2031, 1, 3, 12);
const idle = { start: async () => undefined };
const invocation = { awsRequestId: "one" };
const inYear = (year: number) => expect.stringMatching(new RegExp(`^${year}-`));
const given = { name: "Monthly", options: { format: "csv" }, expiresInDays: 30 };

/** Makes a source of values that only seem random: it counts. */
function createCounter(): Random {
  let count = 0;
  const next = (size: number) => Buffer.alloc(size, (count += 1));
  return {
    bytes: next,
    uuid: () => next(16).toString("hex"),
    fraction: () => (next(1)[0] ?? 0) / 256,
  };
}

/** Does what needs time, random values and the portal. Returns all results. */
async function useContext() {
  const clock = fakeClock(startMs);
  const urls: string[] = [];
  const fetch = async (url: unknown) => {
    urls.push(String(url));
    return Response.json({ data: [], next_page_url: null });
  };
  const config = readTestConfig(await openTestBucket(), { url: "https://portal.invalid/v1" });
  const app = openContext(config, { clock, random: createCounter(), fetch });
  const request = parseQuery(new URLSearchParams("format=csv"), app.calendar.dayOf(clock.now()));
  const state = await requestExport(app, idle, request);
  const link = await createShare(app, given);
  const attemptId = await runStepAttempt(app, async ({ id }) => id);
  const attempt = { now: clock.now, signal: new AbortController().signal };
  const { value: page } = await app.portal.requestPage(1, attempt);
  return { state, link, attemptId, page, urls };
}

describe("the context of the use cases", () => {
  it("is their only source of time, random values and answers of the portal", async () => {
    const results = await useContext();
    expect(await useContext()).toEqual(results);
    const { state, link, urls } = results;
    expect(state.createdAt).toBe(new Date(startMs).toISOString());
    expect(link.share.createdAt).toBe(new Date(startMs).toISOString());
    expect(urls).toEqual(["https://portal.invalid/v1/customer-offers?page=1"]);
  });

  it("gives exports, links and schedules the same time", async () => {
    const clock = shiftedClock();
    const moveTo = (ms: number) => clock.shift(ms - clock.now());
    moveTo(startMs);
    const stack = await openTestStack(await openTestPortal({ offers: rawOffers(3), clock }), {}, clock);
    const { app, ask } = stack;
    const shown = await finishExport(stack, await startExport(stack));
    expect(shown).toMatchObject({ status: "succeeded", options: { asOf: "2031-02-03" } });
    expect([shown.createdAt, shown.result?.file["urlExpiresAt"]]).toEqual([inYear(2031), inYear(2031)]);

    const { url, expiresAt } = await makeShare(stack);
    expect((await ask(url)).status).toBe(302);
    moveTo(Date.parse(expiresAt));
    expect((await ask(url)).status).toBe(410);

    moveTo(Date.UTC(2032, 2, 1, 5, 30));
    await createWatchHandler({ app, workflow: idle, schedules: defaultSchedules })({}, invocation);
    const scheduled = (await listExports(app)).filter(({ run }) => run.schedule !== null);
    expect(scheduled.map(({ options }) => options.asOf)).toEqual(["2032-02-29", "2032-02-29"]);
  });
});
