// oxlint-disable-next-line import/no-unassigned-import -- it must run before others import node:zlib
import "./synchronous-zlib.ts";
import { createHash } from "node:crypto";
import { openContext } from "../../functions/app/context.ts";
import { requestExport } from "../../functions/app/export/start-export.ts";
import { createExportWorkflow } from "../../functions/app/workflow/export-workflow.ts";
import { readConfig } from "../../functions/adapters/settings/settings.ts";
import { exportKey, fileKey } from "../../functions/core/basics/bucket-keys.ts";
import { ExportState } from "../../functions/core/export/export-state.ts";
import { parseQuery } from "../../functions/core/options/export-request.ts";
import { makeLimiter } from "../../local/portal/portal-limiter.ts";
import { openDurableEngine } from "./durable-engine.ts";
import { openFaultSource } from "./fault-source.ts";
import { openHistoryTrace } from "./history-trace.ts";
import { openSimulatedProcess } from "./simulated-process.ts";
import { openSimulatedS3 } from "./simulated-s3.ts";
import { openSimulatedWorkflow } from "./simulated-workflow.ts";
import { openVirtualClock } from "./virtual-clock.ts";
import { installVirtualGlobals } from "./virtual-globals.ts";

/** One export after the other, over a list of offers that does not change. */
export type ExportHistory = { seed: string; offers: number; exports: number; hasFaults: boolean };

const config = readConfig({
  PORTAL_API_URL: "http://portal.test",
  PORTAL_API_KEY: "key-of-the-portal",
  REPORT_BUCKET: "reports",
  S3_ENDPOINT: "http://s3.test",
  AWS_ACCESS_KEY_ID: "AKIDOFTHETESTS",
  AWS_SECRET_ACCESS_KEY: "secret-key-of-the-tests",
});

const s3Rates = { unsent: 4, unanswered: 6, busy: 4, failed: 3, "done and failed": 4, cut: 3 };
const engineRates = {
  invocation: { cold: 100, crash: 120, freeze: 60, overlap: 60, unreturned: 30 },
  checkpoint: { token: 10, throttled: 10, failed: 10, unanswered: 15 },
  execution: { late: 50 },
};
const startRates = { refused: 50, unsent: 30, unanswered: 50, twice: 50 };
const maxSkewMs = 2_000;

/** The time in which an export has ended once nothing goes wrong any more. */
const endMs = 31 * 3_600_000;

/** Runs a history. Returns the exports at its end, and what they violate. */
export async function runExportHistory({ seed, offers, exports, hasFaults }: ExportHistory) {
  const clock = openVirtualClock(Date.UTC(2026, 0, 31, 8));
  const uninstall = installVirtualGlobals(clock, seed);
  try {
    const trace = openHistoryTrace(clock.now);
    const faults = openFaultSource(seed);
    const s3 = openSimulatedS3({ clock, faults, trace, rates: hasFaults ? s3Rates : {} });
    const list = Array.from({ length: offers }, (_, index) => makeOffer(offers - index));
    const answer = openPortal(list, clock.now);
    const openProcess = (name: string) => {
      const process = openSimulatedProcess(name, seed, clock, hasFaults ? maxSkewMs : 0);
      const fetch = async (input: string | URL | Request) => {
        await clock.sleep(faults.drawDelayMs("portal", 10, 300));
        const url = new URL(input instanceof Request ? input.url : input);
        trace.note(name, `GET ${url.pathname}${url.search}`);
        const response = answer(url);
        await clock.sleep(faults.drawDelayMs("portal", 10, 300));
        await process.pass();
        return response;
      };
      const app = openContext(config, { clock: process.clock, random: process.random, fetch });
      s3.serve(app.bucket.s3.client, process);
      return { process, app };
    };
    const engine = openDurableEngine({
      clock,
      faults,
      trace,
      rates: hasFaults ? engineRates : {},
      openEnvironment: (name) => {
        const { process, app } = openProcess(name);
        return { process, handler: createExportWorkflow(app) };
      },
    });
    const user = openProcess("user");
    const { app } = user;
    const startSettings = { engine, clock, faults, trace, rates: hasFaults ? startRates : {} };
    const workflow = openSimulatedWorkflow(startSettings, user.process);
    for (let number = 0; number < exports; number += 1) {
      const query = `format=csv&dialect=machine&maxAge=0&freshness=${number === 0 ? "full" : "refresh"}`;
      const request = parseQuery(new URLSearchParams(query), app.calendar.dayOf(clock.now()));
      void requestExport(app, workflow, request).catch(() => undefined);
      await clock.advance(clock.now() + endMs);
    }
    faults.calm();
    await clock.advance();

    const states = s3.objects.listKeys("exports/").map(readState);
    return { states, violations: states.flatMap(checkState), trace, s3, clock, faults };

    function readState(key: string): ExportState {
      return ExportState.parse(JSON.parse(Buffer.from(s3.objects.find(key)?.body ?? []).toString()));
    }

    function checkState({ id, status, result }: ExportState): string[] {
      if (status === "failed") return [];
      if (status !== "succeeded" || result === null) return [`${exportKey(id)}: is ${status} for ever`];
      const file = s3.objects.find(fileKey(id, result.file.name, result.file.attempt ?? null));
      if (file === null) return [`${exportKey(id)}: its file is missing`];
      const hash = createHash("sha256").update(file.body).digest("hex");
      if (hash !== result.file.sha256) return [`${exportKey(id)}: its file has other bytes`];
      if (result.completeness !== "complete") return [];
      // An offer's id stands in one column only.
      const ids =
        Buffer.from(file.body)
          .toString()
          .match(/off_\d+/g) ?? [];
      const known = new Set(ids);
      const isExact = ids.length === offers && list.every(({ id: offerId }) => known.has(offerId));
      return isExact
        ? []
        : [`${exportKey(id)}: ${ids.length} rows of ${offers}, ${known.size} different offers`];
    }
  } finally {
    uninstall();
  }
}

type Offer = ReturnType<typeof makeOffer>;

function makeOffer(number: number) {
  const createdMs = Date.UTC(2025, 0, 1) + number * 3_600_000;
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);
  return {
    id: `off_${String(number).padStart(8, "0")}`,
    customerId: `cst_${number % 50}`,
    offerNumber: `2025-${number}`,
    issuedAt: day(createdMs),
    expiresAt: day(createdMs + 30 * 86_400_000),
    currency: "EUR",
    amount: `${number}.50`,
    acceptedAt: number % 3 === 0 ? new Date(createdMs + 86_400_000).toISOString() : null,
    rejectedAt: null,
    createdAt: new Date(createdMs).toISOString(),
  };
}

const pageSize = 15;

/** Opens a portal of a list that does not change. Its key has no right to read customers. */
function openPortal(list: Offer[], now: () => number): (url: URL) => Response {
  const limiter = makeLimiter("fixed", { limit: 60, windowMs: 60_000 });
  return (url) => {
    const { allowed, remaining, waitMs } = limiter.take("key", now());
    const headers = { "x-ratelimit-limit": "60", "x-ratelimit-remaining": String(remaining) };
    const reply = (status: number, body: object, more = {}) =>
      Response.json(body, { status, headers: { ...headers, ...more } });
    if (!allowed)
      return reply(
        429,
        { message: "Too Many Attempts." },
        { "retry-after": String(Math.ceil(waitMs / 1000)) },
      );
    const [, resource = "", id] = url.pathname.split("/");
    if (resource !== "customer-offers") return reply(403, { message: "Invalid scope(s) provided." });
    if (id !== undefined) {
      const offer = list.find((other) => other.id === id);
      return offer ? reply(200, { data: offer }) : reply(404, { message: "Not found" });
    }
    const page = Number(url.searchParams.get("page") ?? 1);
    const from = (page - 1) * pageSize;
    const data = list.slice(from, from + pageSize);
    const hasNext = list.length > from + pageSize;
    return reply(200, {
      data,
      current_page: page,
      per_page: pageSize,
      from: data.length > 0 ? from + 1 : null,
      to: data.length > 0 ? from + data.length : null,
      next_page_url: hasNext ? `http://portal.test/customer-offers?page=${page + 1}` : null,
    });
  };
}
