import type { Context } from "aws-lambda";
import type { AppContext } from "../app/context.ts";
import { followExport } from "../app/export/export-link--follow.ts";
import { presentExport, signFile } from "../app/export/export-link.ts";
import { mailExportTo, requestExport } from "../app/export/export-store.ts";
import { requestOnce } from "../app/export/idempotent-request.ts";
import { ExportError } from "../core/basics/errors.ts";
import { readIdempotencyKey } from "../core/contract/http-headers--idempotency.ts";
import { findRetryAfterSeconds, maxWaitSeconds, readPrefer } from "../core/contract/http-headers.ts";
import { type ExportState, isFinished, type ExportResult } from "../core/export/export-state.ts";
import { parseBody, parseQuery } from "../core/options/export-request.ts";
import { answerJson, answerRedirect } from "./http-messages--answer.ts";
import { readJsonBody } from "./http-messages--body.ts";
import { type HttpAnswer, type HttpEvent, readMethod, type ApiService } from "./http-messages.ts";

/** `GET /export`: the finished export, or where it can be followed when the caller would wait no longer. */
export async function makeExport(
  { world, workflow }: ApiService,
  event: HttpEvent,
  context: Context,
): Promise<HttpAnswer> {
  const request = parseQuery(new URLSearchParams(event.rawQueryString), today(world));
  const begun = await requestExport(world, workflow, request);
  const state = await followExport(world, begun, findWaitMs(event, context, maxWaitSeconds));
  if (!isFinished(state)) return await answerAccepted(world, state);
  const finished = { id: state.id, result: requireResult(state) };
  if (request.redirect) return answerRedirect(await signFile(world, finished, readMethod(event)));
  return answerJson(200, await presentExport(world, state));
}

/** `POST /exports`: as a rule answers at once. */
export async function postExport(
  { world, workflow }: ApiService,
  event: HttpEvent,
  context: Context,
): Promise<HttpAnswer> {
  const given = readJsonBody(event);
  const asked = parseBody(given, { today: today(world), hasSender: world.config.post !== null });
  const { mailTo, ...request } = asked;
  const key = readIdempotencyKey(event.headers["idempotency-key"]);
  const begun =
    key === null
      ? await requestExport(world, workflow, request)
      : await requestOnce(world, workflow, { key, given, request });
  await mailExportTo({ world, workflow }, begun.id, mailTo);
  const state = await followExport(world, begun, findWaitMs(event, context, 0));
  return isFinished(state)
    ? answerJson(200, await presentExport(world, state))
    : await answerAccepted(world, state);
}

export function today({ calendar }: AppContext): number {
  return calendar.dayOf(Date.now());
}

/** What an answer takes once it is known. */
const answerMs = 2_000;

/** How long the caller waits, or the default, but never past the function's own time. */
export function findWaitMs({ headers }: HttpEvent, context: Context, defaultSeconds: number): number {
  const wantedMs = readPrefer(headers["prefer"], defaultSeconds) * 1000;
  return Math.max(0, Math.min(wantedMs, context.getRemainingTimeInMillis() - answerMs));
}

export async function answerAccepted(
  world: AppContext,
  state: ExportState,
  location = `/exports/${state.id}`,
): Promise<HttpAnswer> {
  const retrySeconds = findRetryAfterSeconds(state.progress, new Date());
  const headers = { location, "retry-after": String(retrySeconds) };
  return answerJson(202, await presentExport(world, state), headers);
}

function requireResult(state: ExportState): ExportResult {
  if (state.result !== null) return state.result;
  throw failedExportError(state);
}

export function failedExportError({ problem }: ExportState): ExportError {
  const { code, detail } = problem ?? { code: "interrupted", detail: "The export has no result." };
  return new ExportError("portal", code, detail);
}
