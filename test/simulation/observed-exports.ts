import { exportKey } from "../../functions/core/basics/bucket-keys.ts";
import { ExportState } from "../../functions/core/export/export-state.ts";
import { listKeys, type ObjectVersion, type Observations, parseBody } from "./observations.ts";

/** A stored state of an export, and when it was stored. */
export type StateVersion = { atMs: number; state: ExportState };

const parsed = new WeakMap<Uint8Array, ExportState>();

/** Parses a stored state. Each version is parsed once. */
export function readState(body: Uint8Array): ExportState {
  const known = parsed.get(body);
  if (known !== undefined) return known;
  const state = ExportState.parse(parseBody(body));
  parsed.set(body, state);
  return state;
}

/** Returns the ids of all exports that have ever been stored. */
export function listExportIds(observed: Pick<Observations, "objects">): string[] {
  return listKeys(observed, "exports/").map((key) => key.slice("exports/".length, -".json".length));
}

/** Returns the states of the export, oldest first. Its removal by the lifecycle is left out. */
export function listStates({ objects }: Pick<Observations, "objects">, id: string): StateVersion[] {
  return readVersions(objects.get(exportKey(id)) ?? []);
}

export function readVersions(versions: readonly ObjectVersion[]): StateVersion[] {
  return versions.flatMap(({ atMs, body }) => (body === null ? [] : [{ atMs, state: readState(body) }]));
}

/** Returns the last state of each export. */
export function listLastStates(observed: Pick<Observations, "objects">): ExportState[] {
  return listExportIds(observed).flatMap((id) => listStates(observed, id).at(-1)?.state ?? []);
}
