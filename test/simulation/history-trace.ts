import { createHash } from "node:crypto";

/** What happened in a history, in order, as a person reads it. */
export type HistoryTrace = {
  /** Adds a line: the virtual time, the process or service, and what it did. */
  note: (who: string, what: string) => void;
  lines: () => readonly string[];
  /** Returns the SHA-256 of all lines. */
  digest: () => string;
};

export function openHistoryTrace(now: () => number): HistoryTrace {
  const lines: string[] = [];
  return {
    note: (who, what) => void lines.push(`${formatTime(now())}  ${who}: ${what}`),
    lines: () => lines,
    digest: () => createHash("sha256").update(lines.join("\n")).digest("hex"),
  };
}

/** A trace that keeps nothing, for histories that nobody looks at. */
export const noTrace: HistoryTrace = { note: () => undefined, lines: () => [], digest: () => "" };

function formatTime(ms: number): string {
  return new Date(ms).toISOString().slice(0, -1).replace("T", " ");
}
