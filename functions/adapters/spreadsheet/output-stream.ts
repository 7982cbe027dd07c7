import { once } from "node:events";
import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";

/**
 * Lets `fill` write the sink and settles once the sink has finished. Rejects as soon as the sink fails or is
 * destroyed, whatever `fill` waits for; where `fill` rejects, the sink is destroyed with that error.
 */
export async function fillSink(sink: Writable, fill: (failed: AbortSignal) => Promise<void>): Promise<void> {
  const failed = new AbortController();
  const done = finished(sink, { readable: false });
  done.catch((error: unknown) => failed.abort(error));
  try {
    await Promise.all([fill(failed.signal), done]);
  } catch (error) {
    if (failed.signal.aborted) throw failed.signal.reason;
    sink.destroy(error instanceof Error ? error : new Error("writing failed", { cause: error }));
    throw error;
  }
}

/** Waits until the stream takes more. */
export async function drainSink(stream: Writable, failed: AbortSignal): Promise<void> {
  if (stream.writableNeedDrain) await once(stream, "drain", { signal: failed });
}
