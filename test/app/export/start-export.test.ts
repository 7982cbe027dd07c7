import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ExportError } from "../../../functions/core/basics/errors.ts";
import { ExportState } from "../../../functions/core/export/export-state.ts";
import { formatDay } from "../../../functions/core/basics/calendar.ts";
import { exportKey, sharePrefix } from "../../../functions/core/basics/bucket-keys.ts";
import { parseOptions } from "../../../functions/core/options/export-request.ts";
import { parseShare } from "../../../functions/core/share/share.ts";
import { changeExport, listExports, readExport } from "../../../functions/app/export/export-store.ts";
import { mailExportTo, requestExport, requestOnce } from "../../../functions/app/export/start-export.ts";
import { createShare, listShares } from "../../../functions/app/share/share-store.ts";
import type { ExportWorkflow } from "../../../functions/adapters/workflow/lambda-workflow.ts";
import { listLateExports } from "../../../functions/app/schedule/scheduled-reports.ts";
import { openContext, type AppContext } from "../../../functions/app/context.ts";
import { type ProxyAction, openProxy } from "../../support/unreliable-servers.ts";
import { openVirtualPortal, openVirtualStack } from "../../support/virtual-stack.ts";

const hourMs = 3_600_000;
/** The number of times that the AWS SDK tries each request. */
const tries = 3;

type Fault = { fate: ProxyAction; point: number; times: number };

/** Opens a bucket twice: directly, and through a proxy. `disturb` makes requests through the proxy fail. */
async function openFaulty() {
  const { app, workflow: running, ...stack } = await openVirtualStack(await openVirtualPortal({}));
  const { config } = app;
  let decide = (_request: string): ProxyAction => "pass";
  const endpoint = await openProxy(config.bucket.endpoint ?? "", ({ method, url = "" }) =>
    decide(`${method} ${url.replace(/^\/[^/]*\//, "")}`),
  );
  const faulty = openContext({ ...config, bucket: { ...config.bucket, endpoint } });
  /**
   * Runs `work` while the proxy applies `fate` to `times` successive matching requests. `point` is the index of the
   * first of them among all matching requests.
   */
  const disturb = async <T>(match: RegExp, { fate, point, times }: Fault, work: () => Promise<T>) => {
    let count = 0;
    decide = (request) => {
      if (!match.test(request)) return "pass";
      const passed = count - point;
      count += 1;
      return passed >= 0 && passed < times ? fate : "pass";
    };
    try {
      return await work().catch((error: unknown) => {
        if (error instanceof ExportError) return error;
        throw error;
      });
    } finally {
      decide = () => "pass";
    }
  };
  const started: string[] = [];
  const workflow: ExportWorkflow = { start: async (id) => void started.push(id) };
  return { ...stack, app, faulty, disturb, started, workflow, running };
}

type Faulty = Awaited<ReturnType<typeof openFaulty>>;

/** Makes a request for an export. Each number gives different options, so that one bucket serves many cases. */
function ask({ calendar }: AppContext, number = 0) {
  const today = calendar.dayOf(Date.now());
  return parseOptions({ asOf: formatDay(today - number), maxAge: 0 }, today);
}

/** Does what the API does for `POST /exports`: starts the export at most once for the key, and adds the recipient. */
async function post({ workflow }: Faulty, app: AppContext, number: number) {
  const request = ask(app, number);
  const key = `key-${number}`;
  const begun = await requestOnce(app, workflow, { key, given: { number }, request });
  await mailExportTo({ app, workflow }, begun.id, ["anna@example.com"]);
  return begun;
}

/** Lists the queued exports whose workflow was not started. */
async function listForgotten({ app, started }: Faulty): Promise<ExportState[]> {
  const states = await listExports(app);
  return states.filter(({ id, status }) => status === "queued" && !started.includes(id));
}

const readKept = ({ bucket }: AppContext, id: string) => bucket.readJson(exportKey(id), ExportState);

describe("a start during which the storage fails", () => {
  const writes = [
    "GET claims/options/",
    "PUT claims/options/",
    "GET exports/",
    "PUT exports/",
    "GET claims/idempotency/",
    "PUT claims/idempotency/",
  ];

  it("leaves no export when the claim of its options is refused", async () => {
    const place = await openFaulty();
    const { app, faulty, disturb, workflow, started } = place;
    const fault = { fate: "refuse", point: 0, times: tries } as const;
    const failed = await disturb(/^PUT claims\/options/, fault, () =>
      requestExport(faulty, workflow, ask(app)),
    );
    expect(failed).toMatchObject({ code: "storage_failed" });
    expect(await app.bucket.listKeys("exports/")).toEqual([]);
    expect(await listLateExports(app, Date.now() + 15 * hourMs)).toEqual([]);
    const { id } = await requestExport(app, workflow, ask(app));
    expect(started).toEqual([id]);
  });

  it.each(writes.flatMap((match) => (["refuse", "lose"] as const).map((fate) => ({ match, fate }))))(
    "leaves no export that is never started: $fate $match",
    async ({ match, fate }) => {
      const place = await openFaulty();
      for (const point of [0, tries]) {
        const fault = { fate, point, times: tries };
        await place.disturb(new RegExp(`^${match}`), fault, () => post(place, place.faulty, point));
        expect(await listForgotten(place)).toEqual([]);
        const { id } = await post(place, place.app, point);
        expect(place.started).toContain(id);
      }
    },
  );

  it("leaves an export that the next request finds, whatever fails and for how long", async () => {
    const place = await openFaulty();
    const { app, faulty, disturb, started } = place;
    let number = 0;
    const fault = fc.record({
      fate: fc.constantFrom<ProxyAction>("refuse", "lose"),
      point: fc.nat(12),
      times: fc.constantFrom(1, 2, tries, 2 * tries, Infinity),
    });
    const holds = async (given: Fault) => {
      number += 1;
      const own = number;
      const outcome = await disturb(/^/, given, () => post(place, faulty, own));
      const begun = outcome instanceof ExportError ? [] : [outcome.id];
      expect(started).toEqual(expect.arrayContaining(begun));
      // A storage that fails for long may store an export and then refuse to remove it, so the export may remain.
      const isLasting = given.times > tries;
      expect(isLasting ? [] : await listForgotten(place)).toEqual([]);
      const { id } = await post(place, app, own);
      expect(started).toContain(id);
      expect((await readKept(app, id))?.run.recipients).toEqual(["anna@example.com"]);
    };
    await fc.assert(fc.asyncProperty(fault, holds), { numRuns: 30 });
    // An export whose workflow was never started counts as failed after five minutes. So it is not late and raises no
    // alarm.
    const lateMs = Date.now() + 15 * hourMs;
    expect((await listLateExports(app, lateMs)).filter((id) => !started.includes(id))).toEqual([]);
  }, 120_000);

  it("gives the export of an Idempotency-Key to the key's next request, although the export has ended", async () => {
    const place = await openFaulty();
    const { app, faulty, disturb, runner } = place;
    const real = { ...place, workflow: place.running };
    const fault = { fate: "refuse", point: 1, times: tries } as const;
    const failed = await disturb(/^PUT claims\/idempotency/, fault, () => post(real, faulty, 0));
    expect(failed).toMatchObject({ code: "storage_failed" });
    const [made] = await listExports(app);
    await runner.finish(made?.id ?? "");
    expect(await post(real, app, 0)).toMatchObject({ id: made?.id, status: "succeeded" });
    expect(await listExports(app)).toHaveLength(1);
  });
});

describe("a start whose workflow cannot be started", () => {
  const refusal = new ExportError("workflow", "workflow_failed", "The export was not started. Try again.");
  const broken: ExportWorkflow = { start: () => Promise.reject(refusal) };

  it("leaves its export as failed, with the reason, and the next request makes another", async () => {
    const { app, workflow, started } = await openFaulty();
    await expect(requestExport(app, broken, ask(app))).rejects.toBe(refusal);
    const [left] = await listExports(app);
    expect(left).toMatchObject({
      status: "failed",
      problem: { code: "workflow_failed", detail: refusal.message },
    });
    const resting = { ...ask(app), restSeconds: 300 };
    const { id, status } = await requestExport(app, workflow, resting);
    expect({ isNew: id !== left?.id, status }).toEqual({ isNew: true, status: "queued" });
    expect(started).toEqual([id]);
  });

  it("does not change an export of another request", async () => {
    const { app, workflow } = await openFaulty();
    const { id } = await requestExport(app, workflow, ask(app));
    await expect(requestExport(app, broken, ask(app))).rejects.toBe(refusal);
    expect(await readExport(app, id)).toMatchObject({ status: "queued" });
  });

  it("gives the export when only the answer to its start was lost", async () => {
    const { app } = await openFaulty();
    const run = (state: ExportState): ExportState => ({ ...state, status: "running" });
    const lost: ExportWorkflow = {
      start: async (id) => {
        await changeExport(app, id, run);
        throw refusal;
      },
    };
    expect(await requestExport(app, lost, ask(app))).toMatchObject({ status: "running" });
  });
});

describe("an export whose process died before its workflow was started", () => {
  const never: ExportWorkflow = { start: () => new Promise(() => undefined) };

  async function openDead() {
    const place = await openFaulty();
    void requestExport(place.app, never, ask(place.app));
    await expect.poll(() => listExports(place.app)).toHaveLength(1);
    const [dead] = await listExports(place.app);
    return { ...place, id: dead?.id ?? "" };
  }

  it("is started by the next request with the same options", async () => {
    const { app, workflow, started, id } = await openDead();
    expect((await requestExport(app, workflow, ask(app))).id).toBe(id);
    expect(started).toEqual([id]);
  });

  it("is recorded as failed, and is not late", async () => {
    const { app, id } = await openDead();
    expect(await listLateExports(app, Date.now() + 15 * hourMs)).toEqual([]);
    expect(await readKept(app, id)).toMatchObject({
      status: "failed",
      problem: { code: "interrupted" },
    });
  });

  it("is late if it had begun", async () => {
    const { app, id } = await openDead();
    await changeExport(app, id, (state) => ({ ...state, status: "running" }));
    expect(await listLateExports(app, Date.now() + 15 * hourMs)).toEqual([id]);
    expect(await readKept(app, id)).toMatchObject({ status: "running" });
  });
});

describe("a claim that names an export which was never made", () => {
  const broken = { fate: "refuse", point: 0, times: tries } as const;

  async function openNamed() {
    const place = await openFaulty();
    const { app, faulty, workflow, disturb } = place;
    const begin = () => requestExport(faulty, workflow, ask(app));
    expect(await disturb(/^PUT exports/, broken, begin)).toMatchObject({ code: "storage_failed" });
    const [claimKey = ""] = await app.bucket.listKeys("claims/options/");
    return { ...place, claimKey };
  }

  it("lets the next request make the export", async () => {
    const { app, workflow, claimKey } = await openNamed();
    const asked = await Promise.all(Array.from({ length: 10 }, () => requestExport(app, workflow, ask(app))));
    const [id = ""] = new Set(asked.map((state) => state.id));
    expect(new Set(asked.map((state) => state.id)).size).toBe(1);
    expect(Buffer.from((await app.bucket.readBytes(claimKey)) ?? []).toString()).toContain(id);
  });

  it("is replaced when its request can no longer be running", async () => {
    const { app, workflow, claimKey } = await openNamed();
    const id = "zd34hk55g-000000000000-000000000000";
    await app.bucket.writeJson(claimKey, { id, completeId: null });
    expect((await requestExport(app, workflow, ask(app))).id).not.toBe(id);
  });
});

describe("a permanent link whose storage fails", () => {
  it.each(["refuse", "lose"] as const)("is not kept: %s", async (fate) => {
    const { app, faulty, disturb } = await openFaulty();
    const given = parseShare({ name: "one", options: {} }, app.calendar.dayOf(Date.now()));
    const fault = { fate, point: 0, times: tries };
    const failed = await disturb(/^PUT shares/, fault, () => createShare(faulty, given));
    expect(failed).toMatchObject({ code: "storage_failed" });
    expect(await app.bucket.listKeys(sharePrefix)).toEqual([]);
    expect(await listShares(app)).toEqual([]);
  });
});
