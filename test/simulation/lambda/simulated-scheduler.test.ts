// oxlint-disable-next-line import/no-unassigned-import -- it must run before others import node:zlib
import "../time/synchronous-zlib.ts";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { openContext } from "../../../functions/app/context.ts";
import { createTickHandler, createWatchHandler } from "../../../functions/app/schedule/scheduled-reports.ts";
import { createExportWorkflow } from "../../../functions/app/workflow/export-workflow.ts";
import { readConfig } from "../../../functions/adapters/settings/settings.ts";
import { createCalendar } from "../../../functions/core/basics/calendar.ts";
import { ExportState, isFinished } from "../../../functions/core/export/export-state.ts";
import { defaultSchedules, type Schedule } from "../../../functions/core/schedule/schedules.ts";
import { openDurableEngine } from "./durable-engine.ts";
import { openFaultSource } from "../faults/fault-source.ts";
import { functionLimits, simulatedSettings } from "./function-settings.ts";
import { openHistoryTrace } from "../time/history-trace.ts";
import { openPlannedFaults, zeroRates } from "../faults/planned-faults.ts";
import { openSimulatedFunction } from "./simulated-function.ts";
import { openSimulatedProcess } from "../time/simulated-process.ts";
import { openSimulatedS3 } from "../s3/simulated-s3.ts";
import { listTicks, runScheduler, type TickEvent } from "./simulated-scheduler.ts";
import { openSimulatedWorkflow } from "./simulated-workflow.ts";
import { openVirtualClock } from "../time/virtual-clock.ts";
import { installVirtualGlobals } from "../time/virtual-globals.ts";

const startMs = Date.UTC(2026, 0, 31, 8);
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const calendar = createCalendar("Europe/Amsterdam");
/** 06:00 in Amsterdam on the first of February. */
const tickMs = Date.UTC(2026, 1, 1, 5);

type Given = {
  plan?: Record<string, string>;
  schedules?: Schedule[];
  isBusy?: () => boolean;
  hasReports?: () => boolean;
  days?: number;
};

/** Runs the scheduler alone. Returns the times at which the functions got their events. */
async function schedule(given: Given) {
  const { plan = {}, schedules = defaultSchedules, days = 28 } = given;
  const { isBusy = () => false, hasReports = () => false } = given;
  const clock = openVirtualClock(startMs);
  const ticks: (TickEvent & { ms: number })[] = [];
  const watches: number[] = [];
  const settings = {
    clock,
    faults: openPlannedFaults(plan),
    trace: openHistoryTrace(clock.now),
    rates: { tick: zeroRates.schedule },
    schedules,
    calendar,
    tick: (event: TickEvent) => void ticks.push({ ...event, ms: clock.now() }),
    watch: () => void watches.push(clock.now()),
    isBusy,
    hasReports,
  };
  runScheduler(settings, startMs + days * dayMs);
  await clock.advance();
  return { ticks, watches };
}

describe("the scheduler", () => {
  it("gives each tick to its function within a minute, with the scheduled time", async () => {
    const daily: Schedule = { name: "daily", expression: "cron(30 23 ? * MON *)", reports: [{}] };
    const { ticks } = await schedule({ schedules: [...defaultSchedules, daily] });
    expect(ticks.map(({ schedule: name, at }) => `${name} ${at}`)).toEqual([
      "monthly 2026-02-01T05:00:00Z",
      "daily 2026-02-02T22:30:00Z",
      "daily 2026-02-09T22:30:00Z",
      "daily 2026-02-16T22:30:00Z",
      "daily 2026-02-23T22:30:00Z",
    ]);
    for (const { at, ms } of ticks) {
      expect(ms - Date.parse(at)).toBeGreaterThanOrEqual(0);
      expect(ms - Date.parse(at)).toBeLessThanOrEqual(60_000);
    }
  });

  it("has no tick at a local time that the clocks skip, and one at a time that they show twice", () => {
    const [march, october] = [Date.UTC(2026, 2, 29), Date.UTC(2026, 9, 25)];
    const list = (fromMs: number) =>
      listTicks("cron(30 2 * * ? *)", calendar, { fromMs: fromMs - dayMs, untilMs: fromMs + 2 * dayMs });
    const show = (ms: number) => new Date(ms).toISOString().slice(5, 16);
    expect(list(march).map(show)).toEqual(["03-28T01:30", "03-30T00:30"]);
    expect(list(october).map(show)).toEqual(["10-24T00:30", "10-25T00:30", "10-26T01:30"]);
  });

  it.each([
    ["lost", []],
    ["late", [[60_000, dayMs]]],
    [
      "twice",
      [
        [0, 60_000],
        [0, 2 * hourMs + 60_000],
      ],
    ],
    [
      "overlap",
      [
        [0, 60_000],
        [0, 62_000],
      ],
    ],
  ])("may do it otherwise: %s", async (kind, bounds) => {
    const { ticks } = await schedule({ plan: { "scheduled tick #1": kind } });
    expect(ticks).toHaveLength(bounds.length);
    for (const [index, [min = 0, max = 0]] of bounds.entries()) {
      expect((ticks[index]?.ms ?? 0) - tickMs).toBeGreaterThanOrEqual(min);
      expect((ticks[index]?.ms ?? 0) - tickMs).toBeLessThanOrEqual(max);
    }
  });

  it("watches every hour after a tick without reports, and once in each 24 hours otherwise", async () => {
    const { watches } = await schedule({});
    const isNear = (ms: number) => ms >= tickMs && ms < tickMs + 50 * hourMs;
    expect(Math.abs(watches.filter(isNear).length - 50)).toBeLessThanOrEqual(1);
    const quiet = watches.filter((ms) => ms > tickMs + 51 * hourMs);
    expect(Math.abs(quiet.length - 25)).toBeLessThanOrEqual(1);
    expect(new Set(quiet.map((ms) => new Date(ms).getUTCHours())).size).toBeGreaterThan(5);
  });

  it("watches once in each 24 hours when the reports of the tick have succeeded", async () => {
    const { watches } = await schedule({ hasReports: () => true });
    expect(Math.abs(watches.length - 28)).toBeLessThanOrEqual(1);
  });

  it("watches every hour while an export is unfinished", async () => {
    const { watches } = await schedule({ isBusy: () => true, days: 10 });
    expect(Math.abs(watches.length - 240)).toBeLessThanOrEqual(1);
  });
});

const config = readConfig({ ...simulatedSettings, REPORT_TIMEZONE: "Europe/Amsterdam" });

const offer = {
  id: "off_1",
  customerId: "cst_1",
  offerNumber: "2025-1",
  issuedAt: "2025-12-01",
  expiresAt: "2026-02-01",
  currency: "EUR",
  amount: "1.50",
  acceptedAt: null,
  rejectedAt: null,
  createdAt: "2025-12-01T00:00:00.000Z",
};

function answerPortal(input: string | URL | Request): Response {
  const url = new URL(input instanceof Request ? input.url : input);
  if (url.pathname !== "/customer-offers")
    return Response.json({ message: "Invalid scope(s) provided." }, { status: 403 });
  const page = Number(url.searchParams.get("page") ?? 1);
  const data = page === 1 ? [offer] : [];
  return Response.json({ data, current_page: page, per_page: 15, next_page_url: null });
}

/** Runs ticks, watches and exports for some days, and then a watch in every quiet hour. */
async function runDays({ seed, plan }: { seed: string; plan?: Record<string, string> }) {
  const clock = openVirtualClock(startMs);
  const uninstall = installVirtualGlobals(clock, seed);
  try {
    const faults = plan === undefined ? openFaultSource(seed) : openPlannedFaults(plan, seed);
    const trace = openHistoryTrace(clock.now);
    const s3 = openSimulatedS3({ clock, faults, trace, rates: { unanswered: 5, failed: 5 } });
    const openProcess = (name: string) => {
      const process = openSimulatedProcess(name, seed, clock, 2_000);
      const fetch = async (input: string | URL | Request) => {
        await clock.sleep(100);
        await process.pass();
        return answerPortal(input);
      };
      const app = openContext(config, { clock: process.clock, random: process.random, fetch });
      s3.serve(app.bucket.s3.client, process);
      return { process, app };
    };
    const common = { clock, faults, trace };
    const engine = openDurableEngine({
      ...common,
      rates: { invocation: { crash: 100 } },
      openEnvironment: (name) => {
        const { process, app } = openProcess(name);
        return { process, handler: createExportWorkflow(app) };
      },
    });
    const openScheduled = (
      name: "tick" | "watch",
      create: typeof createTickHandler | typeof createWatchHandler,
    ) =>
      openSimulatedFunction<unknown, unknown>({
        ...common,
        ...functionLimits[name],
        name,
        rates: { crash: 50, cold: 100 },
        open: (processName) => {
          const { process, app } = openProcess(processName);
          const workflow = openSimulatedWorkflow({ engine, ...common, rates: { refused: 50 } }, process);
          return { process, handler: create({ app, workflow, schedules: defaultSchedules }) };
        },
      });
    const tick = openScheduled("tick", createTickHandler);
    const watch = openScheduled("watch", createWatchHandler);
    const readStates = () =>
      s3.objects
        .listKeys("exports/")
        .map((key) =>
          ExportState.parse(JSON.parse(Buffer.from(s3.objects.find(key)?.body ?? []).toString())),
        );
    const isBusy = () => readStates().some((state) => !isFinished(state));
    const settings = {
      ...common,
      rates: { tick: { lost: 300, late: 200, twice: 200, overlap: 100 } },
      schedules: defaultSchedules,
      calendar,
      tick: tick.queue,
      watch: () => watch.queue({}),
      isBusy,
      hasReports: () => false,
    };
    runScheduler(settings, startMs + 2 * dayMs);
    await clock.advance();
    const states = readStates();
    const [wasBusy, errors] = [isBusy(), watch.errors()];

    const changes: string[] = [];
    s3.watch(({ kind, ...request }, answer) => {
      const isRead = ["get", "head", "list"].includes(kind);
      if (!isRead && answer.kind !== "refused")
        changes.push(`${kind} ${"key" in request ? request.key : ""}`);
    });
    let calls = 0;
    s3.watch(() => (calls += 1));
    const quietMs = clock.now();
    faults.calm();
    for (let atMs = quietMs; atMs < quietMs + 20 * dayMs; atMs += 7 * hourMs) {
      await clock.advance(atMs);
      watch.queue({});
    }
    await clock.advance();
    return { states, changes, calls, wasBusy, quietMs, newErrors: watch.errors() - errors, tick };
  } finally {
    uninstall();
  }
}

describe("the watch", () => {
  beforeAll(async () => {
    vi.stubEnv("POWERTOOLS_LOG_LEVEL", "SILENT");
    vi.stubEnv("POWERTOOLS_METRICS_DISABLED", "true");
    // The first history loads code on demand, which takes real time.
    await runDays({ seed: "warm-up" });
  });

  it("makes the reports of a tick that was lost", async () => {
    const { states, tick } = await runDays({ seed: "lost", plan: { "scheduled tick #1": "lost" } });
    expect(states.map(({ status }) => status)).toEqual(["succeeded", "succeeded"]);
    expect([tick.errors(), tick.deadLetters()]).toEqual([0, []]);
  });

  it("changes nothing once the reports of the tick have succeeded and every export has ended", async () => {
    let watched = 0;
    for (let number = 0; number < 12; number += 1) {
      const run = await runDays({ seed: `quiet-${number}` });
      const { states, changes, calls, wasBusy, newErrors } = run;
      if (run.quietMs < tickMs + 48 * hourMs) watched += 1;
      const succeeded = states.filter(({ status }) => status === "succeeded");
      expect(succeeded).toHaveLength(2);
      expect({ wasBusy, newErrors, changes }).toEqual({ wasBusy: false, newErrors: 0, changes: [] });
      expect(calls).toBeGreaterThan(50);
    }
    // The watch still looks for missing reports.
    expect(watched).toBeGreaterThan(6);
  });
});
