import { describe, expect, it } from "vitest";
import { isFailedAttempt } from "../../../functions/core/schedule/overdue-reports.ts";
import type { ExportState } from "../../../functions/core/export/export-state.ts";
import { exportKey } from "../../../functions/core/basics/bucket-keys.ts";
import { defaultSchedules, type Tick } from "../../../functions/core/schedule/schedules.ts";
import { cancelExport } from "../../../functions/app/export/cancel-export.ts";
import { changeExport, listExports, readExport } from "../../../functions/app/export/export-store.ts";
import { updateRegistry } from "../../../functions/app/snapshot/snapshot-store.ts";
import { makeReports, type ReportContext } from "../../../functions/app/schedule/scheduled-reports.ts";
import { openContext, type AppContext } from "../../../functions/app/context.ts";
import type { PortalOptions, PortalRequest } from "../../../local/portal/portal-server.ts";
import { rawOffers } from "../../support/offer-fixtures.ts";
import { countCrawls } from "../../support/test-portal.ts";
import { type ProxyAction, openProxy } from "../../support/unreliable-servers.ts";
import { eventually } from "../../support/captured-output.ts";
import { openVirtualPortal, openVirtualStack } from "../../support/virtual-stack.ts";

const [monthly] = defaultSchedules;
const minute = 60_000;
const json = { contentType: "application/json" };

function tickAt(at: number): Tick {
  if (monthly === undefined) throw new Error("no schedule");
  return { schedule: monthly, at };
}

async function open(options: Pick<PortalOptions, "intercept"> = {}, reports = monthly?.reports ?? []) {
  const portal = await openVirtualPortal({ offers: rawOffers(3), ...options });
  const stack = await openVirtualStack(portal);
  const { at, schedule } = tickAt(Date.now() - minute);
  const tick = { at, schedule: { ...schedule, reports } };
  const deliver = (maker: ReportContext = stack) => makeReports(maker, tick, new Date());
  const finish = async (ids: string[]) => {
    await Promise.all(ids.map((id) => stack.runner.finish(id)));
  };
  /** Delivers the tick again and again until all its reports have succeeded. */
  const settle = async () => {
    for (;;) {
      const states = (await deliver()).map(({ state }) => state);
      await finish(states.map(({ id }) => id));
      const settled = await Promise.all(states.map(({ id }) => readExport(stack.app, id)));
      if (!settled.some((state) => state === null || isFailedAttempt(state))) return;
    }
  };
  return { ...stack, portal, tick, deliver, finish, settle };
}

const idsOf = (attempts: { state: ExportState }[]) => attempts.map(({ state }) => state.id);

/** Lists the periods of the exports that succeeded. Checks that only these exports have a file. */
async function listMade(app: AppContext): Promise<string[]> {
  const states = await listExports(app);
  const made = states.filter(({ status }) => status === "succeeded");
  const files = await app.bucket.listKeys("files/");
  expect(files).toHaveLength(made.length);
  expect(new Set(files.map((key) => key.split("/")[1]))).toEqual(new Set(made.map(({ id }) => id)));
  return made.map(({ options }) => options.period ?? "all").toSorted();
}

const oneOfEach = ["all", "this-month"];

describe("a tick", () => {
  it("makes its reports from one crawl, as of the day before", async () => {
    const { app, portal, tick, deliver, finish } = await open();
    await finish(idsOf(await deliver()));
    expect(await listMade(app)).toEqual(oneOfEach);
    expect(countCrawls(portal)).toBe(1);
    const day = new Date(tick.at - 24 * 60 * minute);
    const asOf = day.toLocaleDateString("sv", { timeZone: "Europe/Amsterdam" });
    expect((await listExports(app)).map(({ options }) => options.asOf)).toEqual([asOf, asOf]);
  });

  it("makes each report once when the tick arrives twenty times at once, and again later", async () => {
    const { app, portal, deliver, finish } = await open();
    const deliveries = await Promise.all(Array.from({ length: 20 }, () => deliver()));
    const [first = []] = deliveries.map(idsOf);
    for (const delivery of deliveries) expect(idsOf(delivery)).toEqual(first);
    await finish(first);
    expect(idsOf(await deliver())).toEqual(first);
    expect(await listMade(app)).toEqual(oneOfEach);
    expect(countCrawls(portal)).toBe(1);
  });

  it("uses no snapshot from before the tick, but one from after it", async () => {
    const { portal, finish, ...maker } = await open();
    const crawls = [];
    for (const minutes of [-1, -2, 1]) {
      const attempts = await makeReports(maker, tickAt(Date.now() + minutes * minute), new Date());
      await finish(idsOf(attempts));
      crawls.push(countCrawls(portal));
    }
    expect(crawls).toEqual([1, 1, 2]);
  });

  it("that was interrupted before it started an export continues with that export", async () => {
    const { app, workflow, deliver, finish } = await open();
    const broken = { start: () => Promise.reject(new Error("killed")) };
    await expect(deliver({ app, workflow: broken })).rejects.toThrow("killed");
    const [left] = await listExports(app);
    const ids = idsOf(await deliver({ app, workflow }));
    expect(ids).toContain(left?.id);
    await finish(ids);
    expect(await listMade(app)).toEqual(oneOfEach);
    expect(await listExports(app)).toHaveLength(2);
  });

  it("retries a failed report, once however often it arrives, and names the reason", async () => {
    let isAway = true;
    const { app, deliver, finish, settle } = await open({
      intercept: (_request, response) => isAway && Boolean(response.writeHead(401).end()),
    });
    const first = idsOf(await deliver());
    await finish(first);
    isAway = false;
    const deliveries = await Promise.all(Array.from({ length: 10 }, () => deliver()));
    for (const attempts of deliveries) {
      expect(idsOf(attempts)).toEqual(idsOf(deliveries[0] ?? []));
      expect(attempts).toEqual([
        expect.objectContaining({
          number: 2,
          failed: expect.objectContaining({ code: "portal_key_refused" }),
        }),
        expect.objectContaining({ number: 2 }),
      ]);
    }
    await settle();
    expect(await listMade(app)).toEqual(oneOfEach);
    expect(await readExport(app, first[0] ?? "")).toMatchObject({ status: "failed" });
  });

  it("lets a silently dead export publish nothing when it resumes", async () => {
    const hold = Promise.withResolvers<boolean>();
    const intercept = ({ n }: PortalRequest) => n === 1 && hold.promise;
    const { app, portal, deliver, finish, settle } = await open({ intercept }, [{}]);
    const first = idsOf(await deliver());
    await eventually(() => expect(portal.requests).toHaveLength(1));
    const aliveUntil = new Date(Date.now() - minute).toISOString();
    await updateRegistry(app, (registry) => ({ after: { ...registry, lease: null }, answer: null }));
    for (const id of first)
      await changeExport(app, id, (state) => ({ ...state, run: { ...state.run, aliveUntil } }));
    await settle();
    hold.resolve(false);
    await finish(first);
    expect(await listMade(app)).toEqual(["all"]);
    expect(await listExports(app)).toHaveLength(2);
  });

  it("does not make a cancelled report again", async () => {
    const { app, workflow, deliver } = await open();
    const idle = { app, workflow: { start: async () => undefined } };
    for (const { state } of await deliver(idle)) await cancelExport(app, state);
    const again = await deliver({ app, workflow });
    expect(again.map(({ number, state }) => [number, state.problem?.code])).toEqual([
      [1, "cancelled"],
      [1, "cancelled"],
    ]);
  });

  it("makes no second report when the portal's key has changed", async () => {
    const { app, workflow, deliver } = await open();
    const { config } = app;
    const renewed = openContext({ ...config, portal: { ...config.portal, key: "another-key" } });
    expect(idsOf(await deliver({ app: renewed, workflow }))).toEqual(idsOf(await deliver()));
  });

  it("of another schedule at the same time makes separate reports", async () => {
    const { app, workflow, tick, deliver } = await open();
    const other = { ...tick, schedule: { ...tick.schedule, name: "other" } };
    const ids = idsOf(await makeReports({ app, workflow }, other, new Date()));
    expect(idsOf(await deliver()).filter((id) => ids.includes(id))).toEqual([]);
  });

  it("fails because of an unreadable export, after it has started the other", async () => {
    const { app, deliver } = await open();
    const started: string[] = [];
    const start = async (id: string) => {
      await app.clock.sleep(50);
      started.push(id);
    };
    const [unreadable = "", other] = idsOf(
      await deliver({ app, workflow: { start: async () => undefined } }),
    );
    await app.bucket.writeBytes(exportKey(unreadable), "of another version", json);
    await expect(deliver({ app, workflow: { start } })).rejects.toThrow("JSON");
    expect(started).toEqual([other]);
  });

  describe("whose storage fails at some request", () => {
    /** The indexes of the requests to the storage. Each of the two reports makes three requests. */
    const points = [0, 1, 2, 3, 4, 5];
    const cases = [
      ...(["refuse", "lose"] as const).flatMap((fate) =>
        points.map((point) => ({ fate, point, times: Infinity })),
      ),
      ...[2, 5].map((point) => ({ fate: "lose" as const, point, times: 1 })),
    ];

    it.each(cases)("is completed by the next delivery: $fate at $point, $times times", async (fault) => {
      const { app, deliver } = await open();
      const { config } = app;
      const started: string[] = [];
      const workflow = { start: async (id: string) => void started.push(id) };
      let count = 0;
      const decide = (): ProxyAction => {
        const passed = count - fault.point;
        count += 1;
        return passed >= 0 && passed < fault.times ? fault.fate : "pass";
      };
      const endpoint = await openProxy(config.bucket.endpoint ?? "", decide);
      const faulty = openContext({ ...config, bucket: { ...config.bucket, endpoint } });
      const first = await deliver({ app: faulty, workflow }).catch((error: unknown) => error);
      expect(count).toBeGreaterThan(fault.point);
      const isLasting = fault.times === Infinity;
      expect(first).toMatchObject(isLasting ? { code: "storage_failed" } : { length: 2 });
      const ids = idsOf(await deliver({ app, workflow }));
      expect((await listExports(app)).map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
      expect(new Set(started)).toEqual(new Set(ids));
    });
  });
});
