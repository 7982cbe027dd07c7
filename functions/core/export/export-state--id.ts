/**
 * An export's id is also its place in a listing: the time counted down, so that the newest stands first,
 * then what its options are, then chance. `[a-z0-9-]`, 35 characters.
 */
export type ExportId = { startedMs: number; optionsKey: string };

/** The year 5138; what is left of it in base 36 always has nine digits until then. */
const endMs = 36 ** 9 - 1;

export const exportIdPattern = /^[0-9a-z]{9}-[0-9a-f]{12}-[0-9a-f]{12}$/;

export function formatExportId({ startedMs, optionsKey }: ExportId, chance: string): string {
  return `${formatIdPrefix(startedMs)}-${optionsKey}-${chance}`;
}

/** What the ids of that moment begin with; older ones stand after it. */
export function formatIdPrefix(startedMs: number): string {
  return (endMs - startedMs).toString(36).padStart(9, "0");
}

/** Null when the text is no id. */
export function parseExportId(text: string): ExportId | null {
  if (!exportIdPattern.test(text)) return null;
  const [countdown = "", optionsKey = ""] = text.split("-");
  return { startedMs: endMs - Number.parseInt(countdown, 36), optionsKey };
}
