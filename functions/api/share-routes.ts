import type { Context } from "aws-lambda";
import type { World } from "../app/context.ts";
import { followExport } from "../app/export/export-link--follow.ts";
import { presentExport, signFile } from "../app/export/export-link.ts";
import { type Finished, requestExport } from "../app/export/export-store.ts";
import { createShare, findMailed, findShare, findStandIn, listShares, revokeShare } from "../app/share/share-store.ts";
import { ExportError } from "../core/basics/errors.ts";
import { statusOf } from "../core/contract/error-responses.ts";
import { chooseForm, type Form } from "../core/contract/http-headers--accept.ts";
import { requireOrigin } from "../core/contract/http-headers--host.ts";
import { mostWaitSeconds } from "../core/contract/http-headers.ts";
import type { MadeShare, PresentedShare, ShareList } from "../core/contract/response-bodies.ts";
import { type ExportState, isFinished } from "../core/export/export-state.ts";
import type { ExportRequest } from "../core/options/export-request.ts";
import { resolveShare, unreadyShare } from "../core/share/share--visit.ts";
import { parseShare, type Share } from "../core/share/share.ts";
import { answerAccepted, explainFailure, findPatienceMs, today } from "./export-routes--start.ts";
import { answerEmpty, answerJson, answerRedirect } from "./http-messages--answer.ts";
import { readJsonBody } from "./http-messages--body.ts";
import { noteFailure } from "./http-messages--failure.ts";
import { type Answer, type Event, readMethod, type Service } from "./http-messages.ts";
import { showPageAs } from "./page-route.ts";

export async function postShare(world: World, event: Event): Promise<Answer> {
  const given = parseShare(readJsonBody(event), today(world));
  const origin = findOrigin(event);
  const { share, token } = await createShare(world, given);
  const location = `/s/${token}`;
  const url = new URL(location, origin).href;
  return answerJson(201, { ...presentShare(share), url } satisfies MadeShare, { location });
}

/**
 * The function URL as AWS names it: what the caller names as its host may be anything. On a developer's machine
 * it is what the caller names, and is refused where it is no host.
 */
function findOrigin({ headers, requestContext }: Event): string {
  const scheme = headers["x-forwarded-proto"] === "http" ? "http" : "https";
  return requireOrigin(scheme, requestContext.domainName);
}

export async function showShares(world: World): Promise<Answer> {
  const shares = await listShares(world);
  return answerJson(200, { shares: shares.map(presentShare) } satisfies ShareList);
}

function presentShare({ id, name, options, createdAt, expiresAt }: Share): PresentedShare {
  return { id, name, options, createdAt, expiresAt };
}

export async function removeShare(world: World, event: Event): Promise<Answer> {
  await revokeShare(world, event.pathParameters?.["id"] ?? "");
  return answerEmpty();
}

/** `GET /s/{token}`: what went wrong, a browser is told by the page. */
export async function openShare(service: Service, event: Event, context: Context): Promise<Answer> {
  const form = chooseForm(event.headers["accept"]);
  try {
    return await answerVisit(service, form, event, context);
  } catch (error) {
    if (form !== "page" || !(error instanceof ExportError)) throw error;
    await noteFailure(error);
    return await showPageAs(service.web, event, statusOf[error.kind]);
  }
}

/** Without another preference. A person looks at progress rather than at nothing. */
const waitSeconds = { page: 3, json: mostWaitSeconds, file: mostWaitSeconds };

async function answerVisit(service: Service, form: Form, event: Event, context: Context): Promise<Answer> {
  const { world, web } = service;
  const share = await findShare(world, event.pathParameters?.["token"] ?? "");
  const request = resolveShare(share, today(world));
  const mailed = await findMailed(world, share);
  const patienceMs = findPatienceMs(event, context, waitSeconds[form]);
  const follow = async () => mailed ?? (await waitForExport(service, request, patienceMs));
  if (form === "json") return await answerState(world, await follow(), event.rawPath);
  try {
    return await answerFile(world, requireReport(await follow()), event);
  } catch (error) {
    if (!(error instanceof ExportError)) throw error;
    if (form === "page" && error.kind === "busy") return await showPageAs(web, event, 202);
    const report = await findStandIn(world, share, request);
    if (report === null) throw error;
    await noteFailure(error);
    return await answerFile(world, report, event);
  }
}

async function waitForExport(
  { world, workflow }: Service,
  request: ExportRequest,
  waitMs: number,
): Promise<ExportState> {
  return await followExport(world, await requestExport(world, workflow, request), waitMs);
}

/** Long enough to follow a redirect: whoever comes back comes to the permanent link. */
const linkSeconds = 60;

async function answerState(world: World, state: ExportState, location: string): Promise<Answer> {
  if (!isFinished(state)) return await answerAccepted(world, state, location);
  if (state.result === null) throw explainFailure(state);
  return answerJson(200, await presentExport(world, state, linkSeconds));
}

/** Throws why there is none. */
function requireReport(state: ExportState): Finished {
  const { id, result, progress } = state;
  if (result !== null) return { id, result };
  throw isFinished(state) ? explainFailure(state) : unreadyShare(progress, new Date());
}

async function answerFile(world: World, report: Finished, event: Event): Promise<Answer> {
  const link = await signFile(world, report, readMethod(event), linkSeconds);
  return answerRedirect(link, { "x-offers-snapshot-at": report.result.snapshotAt });
}
