import {
  ApiError,
  type ExportSighting,
  mayPassLater,
  type NewExport,
  type ShownExport,
} from "../client/api-client.ts";
import { rememberDownload } from "./pending-download.ts";
import type { ViewContext } from "./view-elements.ts";

export type Polling = {
  signal: AbortSignal;
  onSeen: (seen: ShownExport) => void;
  /** Called when a request has failed and will be sent again. */
  onLost: () => void;
};

const maxPauseMs = 15_000;
const maxRefusals = 5;

/**
 * Reads an export's state, as often as the server asks, until the export is finished. Goes on after a lost connection.
 */
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

/**
 * Ignores every lost connection. Ignores an error answer that may be temporary, unless `maxRefusals` requests in a row
 * have failed before. Throws any other error.
 */
function passOver(error: unknown, failures: number): null {
  if (!mayPassLater(error) || (error instanceof ApiError && failures >= maxRefusals)) throw error;
  return null;
}

/** Waits for `ms`. Ends earlier when the reader returns to the page, and when the connection is back. */
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

/**
 * Starts an export and opens its view. Sends the request again when the answer is lost. The key keeps a repeated
 * request from starting a second export.
 */
export async function startExport(app: ViewContext, request: NewExport): Promise<void> {
  const key = crypto.randomUUID();
  const { seen } = await insist(() => app.client.startExport(request, key));
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
