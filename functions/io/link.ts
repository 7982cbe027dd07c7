import type { PresentedExport } from "../core/answer.ts";
import type { ExportState, Result } from "../core/export.ts";
import { fileKey } from "../core/key.ts";
import type { World } from "./world.ts";

/** Signs the link anew. */
export async function presentExport(world: World, state: ExportState): Promise<PresentedExport> {
  const { run: _, result, ...shown } = state;
  if (result === null) return { ...shown, result };
  const signedMs = Date.now();
  const url = await signFile(world, { id: shown.id, result }, "GET");
  const urlExpiresAt = new Date(signedMs + world.config.linkSeconds * 1000).toISOString();
  return { ...shown, result: { ...result, file: { ...result.file, url, urlExpiresAt } } };
}

export function signFile(
  world: World,
  file: { id: string; result: Result },
  method: "GET" | "HEAD",
): Promise<string> {
  return world.bucket.signLink(fileKey(file.id, file.result.file.name), method, world.config.linkSeconds);
}
