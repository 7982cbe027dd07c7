import type { PresentedExport } from "../../core/contract/response-bodies.ts";
import { type ExportState, locateFile, type ExportResult, showResult } from "../../core/export/export-state.ts";
import type { AppContext } from "../context.ts";

/** Signs the link anew. */
export async function presentExport(
  world: AppContext,
  state: ExportState,
  linkSeconds = world.config.linkSeconds,
): Promise<PresentedExport> {
  const { run: _, result, ...shown } = state;
  if (result === null) return { ...shown, result };
  const signedMs = Date.now();
  const url = await signFile(world, { id: shown.id, result }, "GET", linkSeconds);
  const urlExpiresAt = new Date(signedMs + linkSeconds * 1000).toISOString();
  const { file, ...told } = showResult(result);
  return { ...shown, result: { ...told, file: { ...file, url, urlExpiresAt } } };
}

export function signFile(
  { bucket, config }: AppContext,
  finished: { id: string; result: ExportResult },
  method: "GET" | "HEAD",
  linkSeconds = config.linkSeconds,
): Promise<string> {
  return bucket.signLink(locateFile(finished), method, linkSeconds);
}
