/** Patterns of secrets and personal data, which no log line may contain. */
const patterns = {
  "a signed link": /X-Amz-(Signature|Credential|Security-Token)\S*/gi,
  "an access token": /\bBearer [\w~+/=-]{12,}/g,
  "a permanent link": /\/s\/[\w-]{16,}/g,
  "a mail address": /[\w.+-]+@[\w-]+(\.[\w-]+)*\.[a-z]{2,}\b/gi,
  "an IP address": /(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])/g,
  "a user agent": /Mozilla\/\d\S*/g,
} as const;

/**
 * A line that contains a secret of this kind. `line` shows where the secret leaks, but does not repeat it: all
 * secrets are replaced.
 */
export type SecretFound = { kind: string; line: string };

const gap = "…";

/** Finds the lines that contain one of `secrets`, or text that looks like a secret or personal data. */
export function findSecrets(text: string, secrets: readonly string[]): SecretFound[] {
  const lines = text.split("\n");
  return lines.flatMap((line, at) => {
    if (isSource(lines, at)) return [];
    const found = [
      ...findKinds(line),
      ...(secrets.some((value) => line.includes(value)) ? ["a marked secret"] : []),
    ];
    if (found.length === 0) return [];
    const clean = secrets.reduce((rest, value) => rest.replaceAll(value, gap), blank(line));
    return found.map((kind) => ({ kind, line: clean }));
  });
}

/**
 * True when the line is source code that Node prints for an uncaught error. The source code stands between the file's
 * name and a caret. Instead of a caret beyond column 1,020, Node prints only spaces.
 */
function isSource(lines: string[], at: number): boolean {
  return /^file:\/\/\/\S+:\d+$/.test(lines[at - 1] ?? "") && /^ *[ ^]$/.test(lines[at + 1] ?? "");
}

function findKinds(line: string): string[] {
  return Object.entries(patterns).flatMap(([kind, pattern]) => (line.search(pattern) < 0 ? [] : kind));
}

function blank(line: string): string {
  return Object.values(patterns).reduce((rest, pattern) => rest.replaceAll(pattern, gap), line);
}
