/** What stands in no log line, whatever its value is. */
const patterns = {
  "a signed link": /X-Amz-(Signature|Credential|Security-Token)\S*/gi,
  "an access token": /\bBearer [\w~+/=-]{12,}/g,
  "a permanent link": /\/s\/[\w-]{16,}/g,
  "a mail address": /[\w.+-]+@[\w-]+(\.[\w-]+)*\.[a-z]{2,}\b/gi,
  "an IP address": /(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])/g,
  "a user agent": /Mozilla\/\d\S*/g,
} as const;

/** The line is without what it should not hold: who reads of it is to see where it comes from. */
export type SecretFound = { kind: string; line: string };

const gap = "…";

/** The lines that hold one of the values, or what looks like a secret or like personal data. */
export function findSecrets(text: string, planted: readonly string[]): SecretFound[] {
  const lines = text.split("\n");
  return lines.flatMap((line, at) => {
    if (isSource(lines, at)) return [];
    const found = [
      ...findKinds(line),
      ...(planted.some((value) => line.includes(value)) ? ["a planted value"] : []),
    ];
    if (found.length === 0) return [];
    const clean = planted.reduce((rest, value) => rest.replaceAll(value, gap), blank(line));
    return found.map((kind) => ({ kind, line: clean }));
  });
}

/** The line of our own code that Node shows between its place and a caret, when an error is caught nowhere; a caret is cut off at column 1,020. */
function isSource(lines: string[], at: number): boolean {
  return /^file:\/\/\/\S+:\d+$/.test(lines[at - 1] ?? "") && /^ *[ ^]$/.test(lines[at + 1] ?? "");
}

function findKinds(line: string): string[] {
  return Object.entries(patterns).flatMap(([kind, pattern]) => (line.search(pattern) < 0 ? [] : kind));
}

function blank(line: string): string {
  return Object.values(patterns).reduce((rest, pattern) => rest.replaceAll(pattern, gap), line);
}
