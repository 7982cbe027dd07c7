import {
  ApiError,
  type ExportSighting,
  mayPassLater,
  type RequestOptions,
  type ShownExport,
} from "../client/api-client.ts";
import { rememberDownload } from "./pending-download.ts";
import type { ViewContext } from "./view-elements.ts";

export type Polling = {
  signal: AbortSignal;
  onSeen: (seen: ShownExport) => void;
  /** No answer came; it will be asked for again. */
  onLost: () => void;
};

const maxPauseMs = 15_000;
const maxRefusals = 5;

/** Looks again whenever the server says to, through any break of the connection, until the export is finished. */
export async function pollExport(
  look: () => Promise<ExportSighting>,
  { signal, onSeen, onLost }: Polling,
): Promise<ShownExport> {
  for (let failures = 0; ;) {
    const sighting = await look().catch((error: unknown) => passOver(error, failures));
    signal.throwIfAborted();
    failures = sighting === null ? failures + 1 : 0;
    if (sighting === null) onLost();
    else onSeen(sighting.seen);
    if (sighting !== null && hasFinished(sighting.seen)) return sighting.seen;
    await pause(sighting?.retryMs ?? Math.min(maxPauseMs, 1000 * 2 ** failures), signal);
  }
}

export function hasFinished({ status }: Pick<ShownExport, "status">): boolean {
  return status === "succeeded" || status === "failed";
}

/** A connection may be away for long; a server that refuses again and again has something to say. */
function passOver(error: unknown, failures: number): null {
  if (!mayPassLater(error) || (error instanceof ApiError && failures >= maxRefusals)) throw error;
  return null;
}

/** Shorter when the page is looked at again or the connection is back. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const over = new AbortController();
    const wake = () => {
      clearTimeout(timer);
      over.abort();
      resolve();
    };
    const timer = setTimeout(wake, ms);
    const until = { signal: over.signal };
    signal.addEventListener("abort", wake, until);
    addEventListener("online", wake, until);
    document.addEventListener("visibilitychange", () => document.hidden || wake(), until);
  });
  signal.throwIfAborted();
}

const maxTries = 4;

/** Starts an export and opens it; a start whose answer was lost is repeated, which starts nothing twice. */
export async function startExport(app: ViewContext, wanted: RequestOptions): Promise<void> {
  const key = crypto.randomUUID();
  const { seen } = await insist(() => app.client.startExport(wanted, key));
  rememberDownload(seen.id);
  app.go(`/exports/${seen.id}`);
}

async function insist(ask: () => Promise<ExportSighting>): Promise<ExportSighting> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask();
    } catch (error) {
      if (tries === maxTries || !mayPassLater(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** tries));
    }
  }
}
