import type { Context } from "aws-lambda";
import { dateNow } from "../adapters/clock/clock.ts";
import type { AppContext } from "../app/context.ts";
import { followExport, presentExport, signFile } from "../app/export/download-link.ts";
import type { FinishedExport } from "../app/export/export-store.ts";
import { requestExport } from "../app/export/start-export.ts";
import {
  createShare,
  findMailedReport,
  findShareByToken,
  findStandInReport,
  listShares,
  revokeShare,
} from "../app/share/share-store.ts";
import { ExportError } from "../core/basics/errors.ts";
import { httpStatusOf } from "../core/contract/error-responses.ts";
import {
  type AnswerForm,
  chooseAnswerForm,
  maxWaitSeconds,
  requireOrigin,
} from "../core/contract/http-headers.ts";
import type { MadeShare, PresentedShare, ShareList } from "../core/contract/response-bodies.ts";
import { type ExportState, isFinished } from "../core/export/export-state.ts";
import type { ExportRequest } from "../core/options/export-request.ts";
import { parseShare, resolveShare, type Share, unreadyShareError } from "../core/share/share.ts";
import { answerAccepted, type ApiService, failedExportError, findWaitMs, today } from "./export-routes.ts";
import {
  answerEmpty,
  answerJson,
  answerRedirect,
  type HttpAnswer,
  type HttpEvent,
  logFailure,
  readJsonBody,
  readMethod,
} from "./http-messages.ts";
import { showPageAs } from "./page-route.ts";

export async function postShare(app: AppContext, event: HttpEvent): Promise<HttpAnswer> {
  const given = parseShare(readJsonBody(event), today(app));
  const origin = findOrigin(event);
  const { share, token } = await createShare(app, given);
  const location = `/s/${token}`;
  const url = new URL(location, origin).href;
  return answerJson(201, { ...presentShare(share), url } satisfies MadeShare, { location });
}

/**
 * Returns the origin of the function URL. Uses the domain name that AWS reports, because a caller may send any `Host`
 * header. On the local stack the domain name is a copy of the `Host` header. Throws when the domain name is not a valid
 * host.
 */
function findOrigin({ headers, requestContext }: HttpEvent): string {
  const scheme = headers["x-forwarded-proto"] === "http" ? "http" : "https";
  return requireOrigin(scheme, requestContext.domainName);
}

export async function showShares(app: AppContext): Promise<HttpAnswer> {
  const shares = await listShares(app);
  return answerJson(200, { shares: shares.map(presentShare) } satisfies ShareList);
}

function presentShare({ id, name, options, createdAt, expiresAt }: Share): PresentedShare {
  return { id, name, options, createdAt, expiresAt };
}

export async function removeShare(app: AppContext, event: HttpEvent): Promise<HttpAnswer> {
  await revokeShare(app, event.pathParameters?.["id"] ?? "");
  return answerEmpty();
}

/** `GET /s/{token}`: when the visit fails, a browser gets the page, and a program gets a problem (RFC 9457). */
export async function answerShareVisit(
  service: ApiService,
  event: HttpEvent,
  context: Context,
): Promise<HttpAnswer> {
  const form = chooseAnswerForm(event.headers["accept"]);
  try {
    return await answerVisit(service, form, event, context);
  } catch (error) {
    if (form !== "page" || !(error instanceof ExportError)) throw error;
    await logFailure(error);
    return await showPageAs(service.web, event, httpStatusOf[error.kind]);
  }
}

/**
 * How long a visit waits for the report when there is no `Prefer` header. The wait for the page is short, so that a
 * person sees the progress instead of an empty tab.
 */
const waitSeconds = { page: 3, json: maxWaitSeconds, file: maxWaitSeconds };

async function answerVisit(
  service: ApiService,
  form: AnswerForm,
  event: HttpEvent,
  context: Context,
): Promise<HttpAnswer> {
  const { app, web } = service;
  const share = await findShareByToken(app, event.pathParameters?.["token"] ?? "");
  const request = resolveShare(share, today(app));
  const mailed = await findMailedReport(app, share);
  const patienceMs = findWaitMs(event, context, waitSeconds[form]);
  const follow = async () => mailed ?? (await waitForExport(service, request, patienceMs));
  if (form === "json") return await answerState(app, await follow(), event.rawPath);
  try {
    return await answerFile(app, requireReport(app, await follow()), event);
  } catch (error) {
    if (!(error instanceof ExportError)) throw error;
    if (form === "page" && error.kind === "busy") return await showPageAs(web, event, 202);
    const report = await findStandInReport(app, share, request);
    if (report === null) throw error;
    await logFailure(error);
    return await answerFile(app, report, event);
  }
}

async function waitForExport(
  { app, workflow }: ApiService,
  request: ExportRequest,
  waitMs: number,
): Promise<ExportState> {
  return await followExport(app, await requestExport(app, workflow, request), waitMs);
}

/** The lifetime of a signed link. It is long enough to follow the redirect, and every visit gets a new signed link. */
const linkSeconds = 60;

async function answerState(app: AppContext, state: ExportState, location: string): Promise<HttpAnswer> {
  if (!isFinished(state)) return await answerAccepted(app, state, location);
  if (state.result === null) throw failedExportError(state);
  return answerJson(200, await presentExport(app, state, linkSeconds));
}

/** Returns the report of the export. Throws an error with the reason when the export has no report. */
function requireReport({ clock }: AppContext, state: ExportState): FinishedExport {
  const { id, result, progress } = state;
  if (result !== null) return { id, result };
  throw isFinished(state) ? failedExportError(state) : unreadyShareError(progress, dateNow(clock));
}

async function answerFile(app: AppContext, report: FinishedExport, event: HttpEvent): Promise<HttpAnswer> {
  const link = await signFile(app, report, readMethod(event), linkSeconds);
  return answerRedirect(link, { "x-offers-snapshot-at": report.result.snapshotAt });
}
