import { createHash, randomUUID } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import * as z from "zod";
import { createTickHandler, type ScheduleContext } from "../functions/app/schedule/scheduled-reports.ts";
import { type Calendar, findMoment, formatMoment, type Moment } from "../functions/core/basics/calendar.ts";
import { readJson } from "../functions/core/basics/stored-values.ts";
import { findLastTick } from "../functions/core/schedule/cron-expression.ts";
import type { Schedule } from "../functions/core/schedule/schedules.ts";
import { defaultTimeZone, trimBaseUrl } from "../functions/core/settings/setting-rules.ts";
import { startLoopback } from "./loopback-server.ts";
import { makeSecret } from "./stack-settings.ts";

/**
 * The content of the file that a running stack keeps in its folder. Only the user who started the stack may read the
 * file.
 */
const ControlSocket = z.object({ url: z.string(), secret: z.string() });

/** The function URL of a running stack, a token for it, and the time zone of its reports. */
const Access = z.object({
  url: z.string(),
  accessToken: z.string(),
  zone: z.string().default(defaultTimeZone),
});
export type Access = z.infer<typeof Access>;

/** The access to a running stack, and which portal and settings the stack has. */
const StackAccess = Access.extend({
  portal: z.string(),
  settings: z.record(z.string(), z.string()).default({}),
});
export type StackAccess = z.infer<typeof StackAccess>;

/** Identifies the portal of these settings without showing its key: the demo portal when they name none. */
export function identifyPortal(env: Record<string, string | undefined>): string {
  const url = env["PORTAL_API_URL"]?.trim();
  if (!url) return "demo";
  const identity = JSON.stringify([trimBaseUrl(url), env["PORTAL_API_KEY"]?.trim()]);
  return createHash("sha256").update(identity).digest("hex");
}

/**
 * The ids of the exports that a tick started, with the access that is needed to follow the exports. `notice` says that the
 * time was no tick of the schedule.
 */
export const StartedExports = Access.extend({
  ids: z.array(z.string()),
  notice: z.string().nullable().default(null),
});
export type StartedExports = z.infer<typeof StartedExports>;

type Controls = { runTick: (request: TickRequest) => Promise<StartedExports>; access: StackAccess };

/** Opens a server on loopback. Other processes use it to run a tick on this stack, or to get access to its API. */
export async function openControlSocket(
  directory: string,
  { runTick, access }: Controls,
): Promise<{ stop: () => Promise<void> }> {
  const secret = makeSecret();
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    if (request.headers.authorization !== secret) return void response.writeHead(401).end();
    if (request.method === "GET") return void response.end(JSON.stringify(access));
    try {
      response.end(JSON.stringify(await runTick(TickRequest.parse(await json(request)))));
    } catch (error) {
      response.writeHead(400).end(error instanceof Error ? error.message : "");
    }
  };
  const { origin, stop } = await startLoopback(0, answer);
  const path = findSocketFile(directory);
  await rm(path, { force: true });
  await writeFile(path, JSON.stringify({ url: origin, secret }), { mode: 0o600 });
  return {
    stop: async () => {
      await rm(path, { force: true });
      await stop();
    },
  };
}

/** Runs a tick on the stack that runs in the folder, and returns the exports that the tick started. */
export async function requestTick(directory: string, request: TickRequest): Promise<StartedExports> {
  const response = await callStack(directory, { method: "POST", body: JSON.stringify(request) });
  if (response === null) throw new Error("the stack that ran in the folder of LOCAL_DIR has stopped");
  return StartedExports.parse(await response.json());
}

/** Returns the access to the stack that runs in the folder; null when none runs there. */
export async function findRunningStack(directory: string): Promise<StackAccess | null> {
  const response = await callStack(directory, { method: "GET" }).catch(() => null);
  return response && (StackAccess.safeParse(readJson(await response.text())).data ?? null);
}

async function callStack(
  directory: string,
  request: { method: string; body?: string },
): Promise<Response | null> {
  const text = await readFile(findSocketFile(directory), "utf8").catch(() => null);
  if (text === null) return null;
  const { url, secret } = ControlSocket.parse(JSON.parse(text));
  // A killed stack leaves the file behind, but nothing answers at the URL in it.
  const response = await fetch(url, { ...request, headers: { authorization: secret } }).catch(() => null);
  if (response === null || response.ok) return response;
  throw new Error(await response.text());
}

const findSocketFile = (directory: string) => join(directory, "control-socket.json");

/**
 * A request to run a tick. `at` is the tick's local time in REPORT_TIMEZONE, such as 2026-12-01T06:00. `schedule` is
 * the name of a schedule; null means the first schedule.
 */
export const TickRequest = z.object({ at: z.string(), schedule: z.string().nullable() });
export type TickRequest = z.infer<typeof TickRequest>;

/** Runs one tick in place of EventBridge Scheduler. */
type Ticker = (request: TickRequest) => Promise<Pick<StartedExports, "ids" | "notice">>;

export function createTicker(planner: ScheduleContext): Ticker {
  const { schedules, app } = planner;
  const tick = createTickHandler(planner);
  return async ({ at, schedule }) => {
    const moment = findMoment(at, app.calendar);
    if (moment === null)
      throw new Error(`--at takes a time that the clocks of ${app.calendar.zone} show, as 2026-12-01T06:00`);
    const event = { schedule: schedule ?? schedules[0]?.name ?? "", at: new Date(moment).toISOString() };
    const ids = await tick(event, { awsRequestId: randomUUID() });
    const chosen = schedules.find(({ name }) => name === event.schedule);
    return { ids, notice: chosen === undefined ? null : describeOtherTime(chosen, moment, app.calendar) };
  };
}

/** Says that the schedule has no tick at this time; null when it has one. */
function describeOtherTime(
  { name, expression }: Schedule,
  moment: Moment,
  calendar: Calendar,
): string | null {
  const last = findLastTick(expression, calendar, moment);
  if (last === moment) return null;
  const write = (time: Moment) => formatMoment(time, calendar).slice(0, "YYYY-MM-DDThh:mm".length);
  const before = last === null ? "" : `; the last one before it is ${write(last)}`;
  return `${write(moment)} is no tick of the schedule ${name}, ${expression}, and is taken for one${before}`;
}
