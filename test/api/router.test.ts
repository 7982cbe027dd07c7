import { createHash } from "node:crypto";
import ExcelJS from "exceljs";
import Papa from "papaparse";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { openPageFiles } from "../../functions/api/page-route.ts";
import { createApi } from "../../functions/api/router.ts";
import { changeExport } from "../../functions/app/export/export-store.ts";
import { exportKey } from "../../functions/core/basics/bucket-keys.ts";
import { ExportState } from "../../functions/core/export/export-state.ts";
import { fortyAsOf, fortyOffers } from "../fixtures/forty.ts";
import { eventually, spyOnStderr } from "../support/captured-output.ts";
import { rawOffer, rawOffers } from "../support/offer-fixtures.ts";
import { onePageRequests, portalKey } from "../support/test-portal.ts";
import { makeFigures, makeRows } from "../support/report-fixtures.ts";
import { queueExport } from "../support/workflow-runs.ts";
import { columnNumber } from "../support/workbook-reader.ts";
import { accessToken, type TestStack } from "../support/test-stack.ts";
import { openVirtualPortal, openVirtualStack, serveVirtualUrl } from "../support/virtual-stack.ts";
import { useWorld } from "../support/virtual-world.ts";

const File = z.object({
  name: z.string(),
  bytes: z.number(),
  sha256: z.string(),
  url: z.url(),
  urlExpiresAt: z.iso.datetime(),
});
const Succeeded = ExportState.omit({ run: true }).extend({
  status: z.literal("succeeded"),
  result: z.looseObject({
    offers: z.number(),
    rows: z.number(),
    requests: z.number(),
    remarks: z.array(z.string()),
    file: File,
  }),
});
const Underway = ExportState.omit({ run: true });
const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  detail: z.string(),
  code: z.string(),
  requestId: z.string(),
  errors: z.array(z.object({ parameter: z.string(), detail: z.string() })).optional(),
});

const month = 30 * 86_400_000;
const inAMonth = new Date(Date.now() + month).toISOString().slice(0, 10);
const threeOffers = [
  rawOffer({ id: "off_1", offerNumber: "001", expiresAt: inAMonth, amount: "1000.00" }),
  rawOffer({
    id: "off_2",
    acceptedAt: "2024-05-14T21:00:00+02:00",
    amount: "0.10",
    acceptanceSignature: "data:image/png;base64,AA",
  }),
  rawOffer({ id: "off_3", rejectedAt: "2024-05-14T21:00:00+02:00", amount: "0.20" }),
];

async function succeed({ ask }: TestStack, path: string) {
  const response = await ask(path);
  expect(response.status).toBe(200);
  return Succeeded.parse(await response.json());
}

function post(ask: TestStack["ask"], body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const given = { authorization: `Bearer ${accessToken}`, "content-type": "application/json", ...headers };
  return ask("exports", { method: "POST", headers: given, body: JSON.stringify(body) });
}

async function fail(response: Response) {
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  const problem = Problem.parse(await response.json());
  expect(problem.status).toBe(response.status);
  return problem;
}

describe("GET /export", () => {
  it("answers with the finished export and a link to its workbook", async () => {
    const stack = await openVirtualStack(await openVirtualPortal({ offers: threeOffers }));
    const finished = await succeed(stack, "export?customers=false");
    expect(finished.result).toMatchObject({
      offers: 3,
      rows: 3,
      pages: 1,
      requests: onePageRequests,
      completeness: "complete",
      totals: { EUR: "1000.30" },
      statuses: { open: 1, accepted: 1, rejected: 1, expired: 0 },
      remarks: [],
    });
    const workbook = new ExcelJS.Workbook();
    await workbook.xlsx.load(await (await fetch(finished.result.file.url)).arrayBuffer());
    expect(workbook.getWorksheet("Offertes")?.getColumn(columnNumber("status")).values.slice(1)).toEqual([
      "Status",
      "open",
      "geaccepteerd",
      "afgewezen",
    ]);
  });

  it("has the same facts in the workbook as in the answer, and the time at which the portal was read", async () => {
    const doubled = [...threeOffers, ...threeOffers.slice(0, 1)];
    const stack = await openVirtualStack(await openVirtualPortal({ offers: doubled }));
    const { createdAt, finishedAt, result } = await succeed(stack, "export?status=open&asOf=2024-06-30");
    const workbook = new ExcelJS.Workbook();
    await workbook.xlsx.load(await (await fetch(result.file.url)).arrayBuffer());
    const sheet = workbook.getWorksheet("Toelichting");
    const values = sheet?.getColumn(2).values.slice(1) ?? [];
    const { offers, rows, pages, requests, remarks } = result;
    const offsetMs = stack.app.calendar.offsetMs(Date.parse(createdAt));
    expect(values[0]).toEqual(new Date("2024-06-30T00:00:00Z"));
    expect(values.slice(5, 8)).toEqual([offers, rows, pages]);
    // The requests for offers and those for customers' names.
    expect(Number(values[8]) + Number(values[9])).toBe(requests);
    expect(rows).toBeLessThan(offers);
    expect(remarks).not.toEqual([]);
    for (const remark of remarks) expect(values).toContain(remark);
    expect(values).toContain("Status: open");
    expect(values).toContain(result["rowsSha256"]);
    const [from = NaN, to = NaN] = values
      .slice(3, 5)
      .map((value) => (value instanceof Date ? value.getTime() - offsetMs : NaN));
    expect(from).toBeGreaterThan(Date.parse(createdAt) - 1000);
    expect(to).toBeGreaterThanOrEqual(from);
    expect(to).toBeLessThanOrEqual(Date.parse(finishedAt ?? ""));
  });

  it("answers with the figures of its rows, which a list leaves out", async () => {
    const stack = await openVirtualStack(await openVirtualPortal({ offers: fortyOffers }));
    const { id, result } = await succeed(stack, `export?customers=false&asOf=${fortyAsOf}`);
    const figures = makeFigures(makeRows(fortyOffers, fortyAsOf), fortyAsOf);
    expect(result).toMatchObject({ figures, totals: { EUR: "30900.855", USD: "11499.00" } });
    const listed: unknown = await (await stack.ask("exports")).json();
    expect(listed).toMatchObject({ exports: [{ id, result: { figures: null, changes: null } }] });
  });

  it("names a SHA-256 of its rows that can be computed from the machine dialect's CSV", async () => {
    const offers = [
      ...fortyOffers,
      rawOffer({ id: "odd", offerNumber: ' "a",\n;é\u007f ', customerId: null }),
    ];
    const stack = await openVirtualStack(await openVirtualPortal({ offers }));
    const query = `asOf=${fortyAsOf}`;
    const csv = await succeed(stack, `export?format=csv&dialect=machine&${query}`);
    const { data } = Papa.parse<Record<string, string>>(await (await fetch(csv.result.file.url)).text(), {
      header: true,
      skipEmptyLines: true,
    });
    const columns =
      "offerNumber offerId customerId issuedAt expiresAt status decidedAt currency amount".split(" ");
    const lines = data.map((row) => `${JSON.stringify(columns.map((column) => row[column]))}\n`);
    expect(lines).toHaveLength(41);
    const rowsSha256 = createHash("sha256").update(lines.join("")).digest("hex");
    expect(csv.result).toMatchObject({ rowsSha256 });
    expect((await succeed(stack, `export?language=en&${query}`)).result).toMatchObject({ rowsSha256 });
  });

  it("links to bytes of the length and SHA-256 that it names, under the file's own headers", async () => {
    const stack = await openVirtualStack(await openVirtualPortal({ offers: rawOffers(100) }));
    const { result } = await succeed(stack, "export?format=csv");
    const response = await fetch(result.file.url);
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(bytes.length).toBe(result.file.bytes);
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(result.file.sha256);
    expect(result.file.name).toMatch(/^offertes-\d{4}-\d\d-\d\d\.csv$/);
    expect(response.headers.get("content-disposition")).toBe(`attachment; filename="${result.file.name}"`);
    expect(response.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    expect(response.headers.get("cache-control")).toBe("private, no-store");
  });

  it("writes the machine dialect as the contract says", async () => {
    const customers = [{ id: "cst_abc12345def678", companyName: "Bakkerij De Vries" }];
    const stack = await openVirtualStack(
      await openVirtualPortal({ offers: threeOffers.slice(1, 2), customers }),
    );
    const { result } = await succeed(stack, "export?format=csv&dialect=machine&language=en&asOf=2024-06-30");
    expect(result.file.name).toBe("offers-2024-06-30-for-programs.csv");
    expect(await (await fetch(result.file.url)).text()).toBe(
      "offerNumber,offerId,customerId,customerName,issuedAt,expiresAt,status,decidedAt,daysToDecision,daysOpen," +
        "daysUntilExpiry,expiringSoon,acceptedLate,currency,amount,signed,createdAt,remarks\r\n" +
        "2024-001,off_2,cst_abc12345def678,Bakkerij De Vries,2024-04-29,2024-05-29,accepted,2024-05-14T21:00:00+02:00,15,,,false,false," +
        "EUR,0.10,true,2024-04-29T21:00:00+02:00,\r\n",
    );
  });

  it("redirects to the file when asked to", async () => {
    const { ask } = await openVirtualStack(await openVirtualPortal({ offers: threeOffers }));
    const response = await ask("export?format=csv&redirect=true");
    expect(response.status).toBe(302);
    const file = await fetch(response.headers.get("location") ?? "");
    expect(await file.text()).toContain("geaccepteerd");
  });

  it("counts the portal's offers apart from the report's rows", async () => {
    const stack = await openVirtualStack(await openVirtualPortal({ offers: threeOffers }));
    const { result } = await succeed(stack, "export?status=accepted");
    expect(result).toMatchObject({ offers: 3, rows: 1, totals: { EUR: "0.10" } });
  });

  it("has each offer once when the portal gives it twice", async () => {
    const stack = await openVirtualStack(
      await openVirtualPortal({ offers: [...rawOffers(20), ...rawOffers(20)] }),
    );
    expect((await succeed(stack, "export")).result).toMatchObject({ offers: 20, rows: 20 });
  });

  it("reads everything over many windows of the rate limit, without a refused request", async () => {
    const clock = useWorld().clock;
    const portal = await openVirtualPortal({ offers: rawOffers(200), limit: 6, clock });
    const stack = await openVirtualStack(portal, {}, clock);
    // A request waits for less than half a minute, and then asks the caller to come again.
    const { result } = await eventually(() => succeed(stack, "export"));
    expect(result).toMatchObject({ offers: 200, pages: 14 });
    expect(portal.requests.filter(({ status }) => status === 429)).toEqual([]);
  });

  it("names every bad parameter", async () => {
    const { ask } = await openVirtualStack(await openVirtualPortal({}));
    const response = await ask("export?format=pdf&asOf=2999-01-01&shoes=43");
    expect(response.status).toBe(400);
    const problem = await fail(response);
    expect(problem.code).toBe("invalid_parameters");
    expect(problem.errors?.map(({ parameter }) => parameter).toSorted()).toEqual(["asOf", "format", "shoes"]);
  });
});

describe("the same options", () => {
  it("give the same export within maxAge, without a request to the portal", async () => {
    const portal = await openVirtualPortal({ offers: threeOffers });
    const stack = await openVirtualStack(portal);
    const first = await succeed(stack, "export?status=open,accepted&customers=false");
    const second = await succeed(stack, "export?customers=false&status=accepted,open&maxAge=60");
    expect(second.id).toBe(first.id);
    expect(portal.requests).toHaveLength(onePageRequests);
  });

  it.each(["export?maxAge=0", "export?format=csv", "export?status=open", "export?evidence=true"])(
    "give a new one at %s",
    async (path) => {
      const stack = await openVirtualStack(await openVirtualPortal({ offers: threeOffers }));
      const first = await succeed(stack, "export");
      expect((await succeed(stack, path)).id).not.toBe(first.id);
    },
  );

  it("give a new one when the file is gone", async () => {
    const stack = await openVirtualStack(await openVirtualPortal({ offers: threeOffers }));
    const { id } = await succeed(stack, "export");
    await stack.app.bucket.removeAll(`files/${id}/`);
    expect((await succeed(stack, "export")).id).not.toBe(id);
  });

  it("give a new one after a failure", async () => {
    let isDown = true;
    const portal = await openVirtualPortal({
      offers: threeOffers,
      intercept: (_request, response) => isDown && Boolean(response.writeHead(401).end()),
    });
    const stack = await openVirtualStack(portal);
    expect((await stack.ask("export")).status).toBe(502);
    isDown = false;
    expect((await succeed(stack, "export")).result.offers).toBe(3);
  });

  it("join an export that still runs", async () => {
    const gate = Promise.withResolvers<boolean>();
    const portal = await openVirtualPortal({ offers: threeOffers, intercept: () => gate.promise });
    const stack = await openVirtualStack(portal);
    const first = succeed(stack, "export?customers=false");
    await eventually(() => expect(portal.requests).toHaveLength(1));
    const second = succeed(stack, "export?customers=false&maxAge=0");
    await stack.app.clock.sleep(100);
    gate.resolve(false);
    expect((await second).id).toBe((await first).id);
    expect(portal.requests).toHaveLength(onePageRequests);
  });
});

describe("an export that fails", () => {
  it("answers 502 with the problem's code, keeps it, and leaves no file", async () => {
    const portal = await openVirtualPortal({
      offers: rawOffers(100),
      intercept: ({ url }, response) => url.endsWith("=1") && Boolean(response.writeHead(403).end("{}")),
    });
    const { ask, app } = await openVirtualStack(portal);
    const problem = await fail(await ask("export"));
    expect(problem).toMatchObject({ status: 502, code: "portal_scope_missing" });
    expect(problem.detail).toContain("offers.read");
    const [key = ""] = await app.bucket.listKeys("exports/");
    const kept = await (await ask(key.replace(".json", ""))).json();
    expect(kept).toMatchObject({
      status: "failed",
      result: null,
      problem: { code: "portal_scope_missing", detail: problem.detail },
    });
    expect(await app.bucket.listKeys("files/")).toEqual([]);
  });
});

describe("a caller who does not wait", () => {
  it.each(["respond-async", "wait=0", "respond-async, wait=10"])(
    "gets 202 and where to follow the export, preferring %s",
    async (prefer) => {
      const hold = Promise.withResolvers<boolean>();
      const portal = await openVirtualPortal({ offers: threeOffers, intercept: () => hold.promise });
      const { ask } = await openVirtualStack(portal);
      const response = await ask("export", { headers: { authorization: `Bearer ${accessToken}`, prefer } });
      expect(response.status).toBe(202);
      expect(response.headers.get("retry-after")).toBe("2");
      const { id, status } = Underway.parse(await response.json());
      expect(["queued", "running"]).toContain(status);
      expect(response.headers.get("location")).toBe(`/exports/${id}`);
      expect((await ask(`exports/${id}`)).headers.get("retry-after")).toBe("2");
      hold.resolve(false);
      const finished = await eventually(async () => {
        const shown = await ask(`exports/${id}`);
        expect(await shown.json()).toMatchObject({ status: "succeeded" });
        return shown;
      });
      expect(finished.headers.get("retry-after")).toBeNull();
    },
  );

  it("learns when the rate limit resets, and how far the crawl has got", async () => {
    const clock = useWorld().clock;
    const portal = await openVirtualPortal({ offers: rawOffers(1_000), limit: 60, clock });
    const { ask } = await openVirtualStack(portal, {}, clock);
    const { id } = Underway.parse(await (await post(ask, {})).json());
    const progress = await eventually(async () => {
      const shown = Underway.parse(await (await ask(`exports/${id}`)).json());
      if (shown.progress.waitingUntil === null) throw new Error("it does not wait yet");
      return shown.progress;
    });
    expect(progress).toMatchObject({ pages: expect.any(Number), offers: expect.any(Number) });
    expect(progress.pages).toBeGreaterThan(40);
    const leftMs = Date.parse(progress.waitingUntil ?? "") - Date.now();
    expect(leftMs).toBeGreaterThan(0);
    expect(leftMs).toBeLessThanOrEqual(60_000);
  });

  it("learns of a wait inside a window when another program has used a part of the limit", async () => {
    const clock = useWorld().clock;
    const portal = await openVirtualPortal({ offers: rawOffers(300), limit: 12, clock });
    const { ask } = await openVirtualStack(portal, {}, clock);
    await ask("check");
    const { id } = Underway.parse(await (await post(ask, {})).json());
    const { progress } = await eventually(async () => {
      const shown = Underway.parse(await (await ask(`exports/${id}`)).json());
      if (shown.progress.waitingUntil === null) throw new Error("it does not wait yet");
      return shown;
    });
    expect(progress.pages).toBeGreaterThan(0);
    expect(progress.pages).toBeLessThan(12);
    expect(portal.requests.map(({ status }) => status)).not.toContain(429);
  });
});

describe("POST /exports", () => {
  it("starts an export of the options in its body, and answers at once", async () => {
    const { ask } = await openVirtualStack(await openVirtualPortal({ offers: threeOffers }));
    const response = await post(ask, { format: "csv", status: ["open"] });
    expect(response.status).toBe(202);
    const { id, options } = Underway.parse(await response.json());
    expect(response.headers.get("location")).toBe(`/exports/${id}`);
    expect(options).toMatchObject({ format: "csv", status: ["open"] });
  });

  it("answers 200 when the export has finished already, or finishes within the wait", async () => {
    const { ask } = await openVirtualStack(await openVirtualPortal({ offers: threeOffers }));
    const made = await post(ask, {}, { prefer: "wait=10" });
    expect(made.status).toBe(200);
    const { id } = Succeeded.parse(await made.json());
    const again = await post(ask, {});
    expect(again.status).toBe(200);
    expect(Succeeded.parse(await again.json()).id).toBe(id);
  });

  it("gives the same export for the same Idempotency-Key, even where maxAge asks for a new one", async () => {
    const { ask } = await openVirtualStack(await openVirtualPortal({ offers: threeOffers }));
    const headers = { "idempotency-key": "one-of-november", prefer: "wait=10" };
    const once = await Promise.all([1, 2, 3].map(() => post(ask, { maxAge: 0 }, headers)));
    const ids = await Promise.all(once.map(async (response) => Succeeded.parse(await response.json()).id));
    const later = Succeeded.parse(await (await post(ask, { maxAge: 0 }, headers)).json());
    expect(new Set([...ids, later.id]).size).toBe(1);
    const other = { ...headers, "idempotency-key": "two-of-november" };
    expect(Succeeded.parse(await (await post(ask, { maxAge: 0 }, other)).json()).id).not.toBe(later.id);
  });

  it("refuses an Idempotency-Key that belongs to another request", async () => {
    const { ask } = await openVirtualStack(await openVirtualPortal({ offers: threeOffers }));
    const headers = { "idempotency-key": "one-of-november" };
    await post(ask, {}, headers);
    const problem = await fail(await post(ask, { format: "csv" }, headers));
    expect(problem).toMatchObject({
      status: 422,
      code: "idempotency_key_reused",
      title: "Unprocessable Content",
    });
  });

  it.each([
    ["{", "invalid_json"],
    ["[]", "invalid_parameters"],
    ['{"status":"open"}', "invalid_parameters"],
    ['{"redirect":true}', "invalid_parameters"],
  ])("refuses the body %s", async (body, code) => {
    const { ask } = await openVirtualStack(await openVirtualPortal({}));
    const headers = { authorization: `Bearer ${accessToken}`, "content-type": "application/json" };
    expect(await fail(await ask("exports", { method: "POST", headers, body }))).toMatchObject({
      status: 400,
      code,
    });
  });

  it("refuses an invalid Idempotency-Key", async () => {
    const { ask } = await openVirtualStack(await openVirtualPortal({}));
    const problem = await fail(await post(ask, {}, { "idempotency-key": "x".repeat(256) }));
    expect(problem).toMatchObject({ status: 400, errors: [{ parameter: "Idempotency-Key" }] });
  });
});

describe("GET /exports", () => {
  it("lists the exports, newest first, with links to the finished ones", async () => {
    const stack = await openVirtualStack(await openVirtualPortal({ offers: threeOffers }));
    const first = await succeed(stack, "export");
    const second = await succeed(stack, "export?format=csv");
    const { exports } = z
      .object({ exports: z.array(Succeeded) })
      .parse(await (await stack.ask("exports")).json());
    expect(exports.map(({ id }) => id)).toEqual([second.id, first.id]);
    expect((await fetch(exports[1]?.result.file.url ?? "")).status).toBe(200);
  });
});

describe("DELETE /exports/{id}", () => {
  const remove = { method: "DELETE", headers: { authorization: `Bearer ${accessToken}` } };

  it("removes the file, the figures and the snapshot of a finished export, also when it is repeated", async () => {
    const portal = await openVirtualPortal({ offers: threeOffers });
    const stack = await openVirtualStack(portal);
    const { id } = await succeed(stack, "export?customers=false");
    expect((await stack.ask(`exports/${id}`, remove)).status).toBe(204);
    expect((await stack.ask(`exports/${id}`, remove)).status).toBe(204);
    const { bucket } = stack.app;
    expect([...(await bucket.listKeys("files/")), ...(await bucket.listKeys("snapshots/"))]).toEqual([]);
    expect((await stack.ask(`exports/${id}/file`)).status).toBe(410);
    expect(await (await stack.ask("exports")).json()).toMatchObject({ exports: [{ id, isDeleted: true }] });
    expect(await bucket.readJson(exportKey(id), ExportState)).toMatchObject({
      status: "succeeded",
      result: { rows: 3, figures: null },
    });
    await succeed(stack, "export?customers=false");
    expect(portal.requests).toHaveLength(2 * onePageRequests);
  });

  it("cancels a running export: its crawl ends and leaves nothing behind", async () => {
    const clock = useWorld().clock;
    const portal = await openVirtualPortal({ offers: rawOffers(4_000), limit: 60, clock });
    const stack = await openVirtualStack(portal, {}, clock);
    const { id } = Underway.parse(await (await post(stack.ask, {})).json());
    await eventually(() => expect(portal.requests.length).toBeGreaterThan(50));
    expect((await stack.ask(`exports/${id}`, remove)).status).toBe(204);
    expect(await (await stack.ask(`exports/${id}`)).json()).toMatchObject({
      status: "failed",
      problem: { code: "cancelled" },
    });
    await stack.runner.finish(id);
    const { bucket } = stack.app;
    expect([...(await bucket.listKeys("files/")), ...(await bucket.listKeys("snapshots/"))]).toEqual([]);
    expect(portal.requests.length).toBeLessThan(150);
  });

  it("is 404 for an unknown export", async () => {
    const { ask } = await openVirtualStack(await openVirtualPortal({}));
    expect((await ask("exports/nonsense", remove)).status).toBe(404);
  });
});

describe("GET /exports/{id}", () => {
  it("shows the export, with a link signed for this answer", async () => {
    const stack = await openVirtualStack(await openVirtualPortal({ offers: threeOffers }));
    const made = await succeed(stack, "export");
    const shown = await succeed(stack, `exports/${made.id}`);
    expect({
      ...shown,
      result: { ...shown.result, file: { ...shown.result.file, url: "", urlExpiresAt: "" } },
    }).toEqual({
      ...made,
      result: { ...made.result, file: { ...made.result.file, url: "", urlExpiresAt: "" } },
    });
    expect((await fetch(shown.result.file.url)).status).toBe(200);
  });

  it.each(["nonsense", "zzzzzzzzz-000000000000-000000000000", "..%2Fsnapshots", "%00"])(
    "knows no export %s",
    async (id) => {
      const { ask } = await openVirtualStack(await openVirtualPortal({}));
      const response = await ask(`exports/${id}`);
      expect(response.status).toBe(404);
      expect(await fail(response)).toMatchObject({ code: "export_not_found" });
    },
  );

  it("shows an export whose execution died as failed", async () => {
    const { ask, app } = await openVirtualStack(await openVirtualPortal({}));
    const { id } = await queueExport(app);
    const queued = await (await ask(`exports/${id}`)).json();
    expect(queued).toMatchObject({ status: "queued" });
    expect(queued).not.toHaveProperty("run");
    const aliveUntil = new Date(Date.now() - 1).toISOString();
    await changeExport(app, id, (state) => ({ ...state, run: { ...state.run, aliveUntil } }));
    expect(await (await ask(`exports/${id}`)).json()).toMatchObject({
      status: "failed",
      problem: { code: "interrupted" },
    });
    expect(await (await ask("export")).json()).toMatchObject({ status: "succeeded" });
  });
});

describe("GET and HEAD /exports/{id}/file", () => {
  it("redirect to a link signed for that method and no other", async () => {
    const stack = await openVirtualStack(await openVirtualPortal({ offers: threeOffers }));
    const { id } = await succeed(stack, "export");
    for (const [method, other] of [
      ["GET", "HEAD"],
      ["HEAD", "GET"],
    ] as const) {
      const response = await stack.ask(`exports/${id}/file`, {
        method,
        headers: { authorization: `Bearer ${accessToken}` },
      });
      expect(response.status).toBe(302);
      const link = response.headers.get("location") ?? "";
      expect((await fetch(link, { method })).status).toBe(200);
      expect((await fetch(link, { method: other })).status).toBe(403);
    }
  });

  it("answer 409 while the export is under way", async () => {
    const { ask, app } = await openVirtualStack(await openVirtualPortal({}));
    const { id } = await queueExport(app);
    const response = await ask(`exports/${id}/file`);
    expect(response.status).toBe(409);
    expect(await fail(response)).toMatchObject({ code: "export_queued" });
  });

  it("answer 410 when the file has been cleaned up", async () => {
    const stack = await openVirtualStack(await openVirtualPortal({ offers: threeOffers }));
    const { id } = await succeed(stack, "export");
    await stack.app.bucket.removeAll(`files/${id}/`);
    const response = await stack.ask(`exports/${id}/file`);
    expect(response.status).toBe(410);
    expect(await fail(response)).toMatchObject({ code: "file_gone" });
  });
});

describe("a link", () => {
  it("is refused when one character of its signature changes, and without its signature", async () => {
    const stack = await openVirtualStack(await openVirtualPortal({ offers: threeOffers }));
    const { result } = await succeed(stack, "export");
    const link = new URL(result.file.url);
    const signature = link.searchParams.get("X-Amz-Signature") ?? "";
    link.searchParams.set("X-Amz-Signature", (signature.startsWith("0") ? "1" : "0") + signature.slice(1));
    expect((await fetch(link)).status).toBe(403);
    link.search = "";
    expect((await fetch(link)).status).toBe(403);
  });

  it("is refused after LINK_SECONDS", async () => {
    const stack = await openVirtualStack(await openVirtualPortal({ offers: threeOffers }), {
      LINK_SECONDS: "1",
    });
    const { result } = await succeed(stack, "export");
    expect((await fetch(result.file.url)).status).toBe(200);
    await stack.app.clock.sleep(1_001);
    expect((await fetch(result.file.url)).status).toBe(403);
  });
});

describe("a caller", () => {
  const paths = ["", "export", "exports/x", "exports/x/file", "nowhere"];

  it.each(paths)(
    "without the access token gets the same 401 at /%s, whatever was presented",
    async (path) => {
      const { ask } = await openVirtualStack(await openVirtualPortal({}));
      const tokens = [
        undefined,
        "",
        "Bearer",
        "Bearer wrong",
        `Basic ${accessToken}`,
        `Bearer ${accessToken}x`,
        `Bearer ${portalKey}`,
      ];
      for (const authorization of tokens) {
        const response = await ask(path, { headers: authorization === undefined ? {} : { authorization } });
        expect(response.status).toBe(401);
        expect(response.headers.get("www-authenticate")).toBe("Bearer");
        expect(await fail(response)).toMatchObject({ code: "unauthorized", title: "Unauthorized" });
      }
    },
  );

  it("may use any of several tokens", async () => {
    const { ask } = await openVirtualStack(await openVirtualPortal({}), {
      ACCESS_TOKEN: `${accessToken},another-token-of-the-tests`,
    });
    expect((await ask("")).status).toBe(200);
    expect((await ask("", { headers: { authorization: "bearer another-token-of-the-tests" } })).status).toBe(
      200,
    );
  });

  it("gets 404 for an unknown route", async () => {
    const { ask } = await openVirtualStack(await openVirtualPortal({}));
    expect(await fail(await ask("nowhere"))).toMatchObject({ status: 404, code: "not_found" });
  });

  it.each([
    ["export", "DELETE", "GET, HEAD, OPTIONS"],
    ["exports", "DELETE", "GET, HEAD, POST, OPTIONS"],
    ["exports/x", "POST", "GET, HEAD, DELETE, OPTIONS"],
    ["exports/x/file", "POST", "GET, HEAD, OPTIONS"],
  ])("gets 405 at /%s for %s, with Allow: %s", async (path, method, allow) => {
    const { ask } = await openVirtualStack(await openVirtualPortal({}));
    const response = await ask(path, { method, headers: { authorization: `Bearer ${accessToken}` } });
    expect(response.headers.get("allow")).toBe(allow);
    expect(await fail(response)).toMatchObject({ status: 405, code: "method_not_allowed" });
  });

  it("gets a 502 that says what to do when the storage fails, which is logged", async () => {
    const stderr = spyOnStderr();
    const { ask } = await openVirtualStack(await openVirtualPortal({}), { REPORT_BUCKET: "no-such-bucket" });
    for (const path of ["export", "exports/zzzzzzzzz-000000000000-000000000000"]) {
      const problem = await fail(await ask(path));
      expect(problem).toMatchObject({ status: 502, code: "storage_failed", title: "Bad Gateway" });
      expect(problem.detail).toContain("NoSuchBucket");
      const { level, requestId, name, stack } = JSON.parse(String(stderr.mock.calls.at(-1)?.[0]));
      expect({ level, requestId, name }).toEqual({
        level: "ERROR",
        requestId: problem.requestId,
        name: "ExportError",
      });
      expect(stack).toContain("caused by NoSuchBucket");
    }
    expect(stderr).toHaveBeenCalledTimes(2);
    stderr.mockRestore();
  });

  it("gets a 500 without details for a bug", async () => {
    const stderr = spyOnStderr();
    const { ask, app } = await openVirtualStack(await openVirtualPortal({}));
    const id = "zzzzzzzzz-000000000000-000000000000";
    await app.bucket.writeBytes(`exports/${id}.json`, '{"secret"', { contentType: "application/json" });
    const problem = await fail(await ask(`exports/${id}`));
    expect(problem).toMatchObject({ status: 500, code: "internal_error" });
    expect(stderr.mock.calls.map(([line]) => JSON.parse(String(line)))).toEqual([
      expect.objectContaining({ level: "ERROR", requestId: problem.requestId, name: "SyntaxError" }),
    ]);
    expect(String(stderr.mock.calls)).not.toContain("secret");
    stderr.mockRestore();
  });

  it("gets an answer before the function's timeout, however long it wants to wait", async () => {
    const hold = Promise.withResolvers<boolean>();
    const { app, workflow } = await openVirtualStack(
      await openVirtualPortal({ intercept: () => hold.promise }),
    );
    const api = createApi({ app, workflow, web: openPageFiles("nowhere") });
    const url = serveVirtualUrl((event, context) =>
      api(event, { ...context, getRemainingTimeInMillis: () => 100 }),
    );
    expect((await fetch(`${url}export`, { headers: { prefer: "wait=25" } })).status).toBe(202);
    hold.resolve(false);
  });
});
