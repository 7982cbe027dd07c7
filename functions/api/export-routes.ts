import type { Context } from "aws-lambda";
import { dateNow } from "../adapters/clock/clock.ts";
import type { ExportWorkflow } from "../adapters/workflow/lambda-workflow.ts";
import type { AppContext } from "../app/context.ts";
import { presentDeliveries } from "../app/delivery/delivery-store.ts";
import { cancelExport } from "../app/export/cancel-export.ts";
import { followExport, presentExport, signFile } from "../app/export/download-link.ts";
import { listExports, readExport } from "../app/export/export-store.ts";
import { mailExportTo, requestExport, requestOnce } from "../app/export/start-export.ts";
import { ExportError } from "../core/basics/errors.ts";
import {
  findRetryAfterSeconds,
  maxWaitSeconds,
  readIdempotencyKey,
  readPrefer,
} from "../core/contract/http-headers.ts";
import type { ExportList, PresentedExport } from "../core/contract/response-bodies.ts";
import { type ExportResult, type ExportState, isFinished, locateFile } from "../core/export/export-state.ts";
import { omitFigures } from "../core/export/shown-export.ts";
import { parseBody, parseQuery } from "../core/options/export-request.ts";
import {
  answerEmpty,
  answerJson,
  answerRedirect,
  type HttpAnswer,
  type HttpEvent,
  readJsonBody,
  readMethod,
} from "./http-messages.ts";
import type { PageFiles } from "./page-route.ts";

export type ApiService = { app: AppContext; workflow: ExportWorkflow; web: PageFiles };

/** Lists the exports without their figures. The figures of 50 exports would make the list too long. */
export async function showExports(app: AppContext): Promise<HttpAnswer> {
  const states = (await listExports(app)).map(omitFigures);
  const exports = await Promise.all(states.map((state) => presentExport(app, state)));
  return answerJson(200, { exports } satisfies ExportList);
}

export async function showExport(app: AppContext, event: HttpEvent): Promise<HttpAnswer> {
  const state = await requireExport(app, event);
  const seconds = findRetryAfterSeconds(state.progress, dateNow(app.clock));
  const headers: Record<string, string> = isFinished(state) ? {} : { "retry-after": String(seconds) };
  const [presented, deliveries] = await Promise.all([
    presentExport(app, state),
    presentDeliveries(app, state),
  ]);
  return answerJson(200, { ...presented, deliveries } satisfies PresentedExport, headers);
}

export async function removeExport(app: AppContext, event: HttpEvent): Promise<HttpAnswer> {
  await cancelExport(app, await requireExport(app, event));
  return answerEmpty();
}

export async function redirectToFile(app: AppContext, event: HttpEvent): Promise<HttpAnswer> {
  const { id, status, result } = await requireExport(app, event);
  if (result === null)
    throw new ExportError("conflict", `export_${status}`, `The export is ${status}: it has no file.`);
  if (await app.bucket.exists(locateFile({ id, result }))) {
    return answerRedirect(await signFile(app, { id, result }, readMethod(event)));
  }
  throw new ExportError(
    "gone",
    "file_gone",
    "The file has been cleaned up. Make a new export with the same options.",
  );
}

async function requireExport(app: AppContext, event: HttpEvent): Promise<ExportState> {
  const state = await readExport(app, event.pathParameters?.["id"] ?? "");
  if (state === null)
    throw new ExportError("missing", "export_not_found", "There is no export with this id.");
  return state;
}

/**
 * `GET /export`: answers with the export if it finishes while the caller waits. Otherwise answers with 202 and the
 * address of the running export.
 */
export async function makeExport(
  { app, workflow }: ApiService,
  event: HttpEvent,
  context: Context,
): Promise<HttpAnswer> {
  const request = parseQuery(new URLSearchParams(event.rawQueryString), today(app));
  const started = await requestExport(app, workflow, request);
  const state = await followExport(app, started, findWaitMs(event, context, maxWaitSeconds));
  if (!isFinished(state)) return await answerAccepted(app, state);
  const finished = { id: state.id, result: requireResult(state) };
  if (request.redirect) return answerRedirect(await signFile(app, finished, readMethod(event)));
  return answerJson(200, await presentExport(app, state));
}

/** `POST /exports`: starts an export, and answers at once unless the caller asks to wait for the export. */
export async function postExport(
  { app, workflow }: ApiService,
  event: HttpEvent,
  context: Context,
): Promise<HttpAnswer> {
  const body = readJsonBody(event);
  const { mailTo, ...request } = parseBody(body, { today: today(app), hasSender: app.config.post !== null });
  const key = readIdempotencyKey(event.headers["idempotency-key"]);
  const started =
    key === null
      ? await requestExport(app, workflow, request)
      : await requestOnce(app, workflow, { key, given: body, request });
  await mailExportTo({ app, workflow }, started.id, mailTo);
  const state = await followExport(app, started, findWaitMs(event, context, 0));
  return isFinished(state)
    ? answerJson(200, await presentExport(app, state))
    : await answerAccepted(app, state);
}

export function today({ calendar, clock }: AppContext): number {
  return calendar.dayOf(dateNow(clock).getTime());
}

/** The time that is reserved for writing the answer before the function's timeout. */
const answerMs = 2_000;

/**
 * Returns how long to wait for the export, in ms. The header `Prefer` sets the time, and `defaultSeconds` is the time
 * without this header. The wait always ends before the function's timeout.
 */
export function findWaitMs({ headers }: HttpEvent, context: Context, defaultSeconds: number): number {
  const wantedMs = readPrefer(headers["prefer"], defaultSeconds) * 1000;
  return Math.max(0, Math.min(wantedMs, context.getRemainingTimeInMillis() - answerMs));
}

export async function answerAccepted(
  app: AppContext,
  state: ExportState,
  location = `/exports/${state.id}`,
): Promise<HttpAnswer> {
  const retrySeconds = findRetryAfterSeconds(state.progress, dateNow(app.clock));
  const headers = { location, "retry-after": String(retrySeconds) };
  return answerJson(202, await presentExport(app, state), headers);
}

function requireResult(state: ExportState): ExportResult {
  if (state.result !== null) return state.result;
  throw failedExportError(state);
}

export function failedExportError({ problem }: ExportState): ExportError {
  const { code, detail } = problem ?? { code: "interrupted", detail: "The export has no result." };
  return new ExportError("portal", code, detail);
}
