import type { ExportList, PresentedExport } from "../core/contract/response-bodies.ts";
import { ExportError } from "../core/basics/errors.ts";
import { type ExportState, isFinished, locateFile, omitFigures } from "../core/export/export-state.ts";
import { findRetryAfterSeconds } from "../core/contract/http-headers.ts";
import { answerEmpty, answerJson, answerRedirect } from "./http-messages--answer.ts";
import { cancelExport } from "../app/export/cancel-export.ts";
import { presentDeliveries } from "../app/delivery/delivery-store.ts";
import { listExports, readExport } from "../app/export/export-store.ts";
import { type HttpAnswer, type HttpEvent, readMethod } from "./http-messages.ts";
import { presentExport, signFile } from "../app/export/export-link.ts";
import type { AppContext } from "../app/context.ts";

/** Without their figures, which fifty times over are more than a list wants. */
export async function showExports(world: AppContext): Promise<HttpAnswer> {
  const states = (await listExports(world)).map(omitFigures);
  const exports = await Promise.all(states.map((state) => presentExport(world, state)));
  return answerJson(200, { exports } satisfies ExportList);
}

export async function showExport(world: AppContext, event: HttpEvent): Promise<HttpAnswer> {
  const state = await requireExport(world, event);
  const seconds = findRetryAfterSeconds(state.progress, new Date());
  const headers: Record<string, string> = isFinished(state) ? {} : { "retry-after": String(seconds) };
  const [presented, deliveries] = await Promise.all([
    presentExport(world, state),
    presentDeliveries(world, state),
  ]);
  return answerJson(200, { ...presented, deliveries } satisfies PresentedExport, headers);
}

export async function removeExport(world: AppContext, event: HttpEvent): Promise<HttpAnswer> {
  await cancelExport(world, await requireExport(world, event));
  return answerEmpty();
}

export async function redirectToFile(world: AppContext, event: HttpEvent): Promise<HttpAnswer> {
  const { id, status, result } = await requireExport(world, event);
  if (result === null)
    throw new ExportError("conflict", `export_${status}`, `The export is ${status}: it has no file.`);
  if (await world.bucket.exists(locateFile({ id, result }))) {
    return answerRedirect(await signFile(world, { id, result }, readMethod(event)));
  }
  throw new ExportError(
    "gone",
    "file_gone",
    "The file has been cleaned up. Make a new export with the same options.",
  );
}

async function requireExport(world: AppContext, event: HttpEvent): Promise<ExportState> {
  const state = await readExport(world, event.pathParameters?.["id"] ?? "");
  if (state === null)
    throw new ExportError("missing", "export_not_found", "There is no export with this id.");
  return state;
}
