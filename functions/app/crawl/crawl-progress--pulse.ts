import { recordHeartbeat } from "../../core/snapshot/crawl-registry.ts";
import { dateNow } from "../../adapters/clock/clock.ts";
import { logFault } from "../../adapters/log/log.ts";
import { updateRegistry } from "../snapshot/snapshot-store--register.ts";
import type { AppContext } from "../context.ts";

const beatMs = 60_000;

/** Tells of the crawl's life while the work goes on: a slow portal may make a window take many minutes. */
export async function keepHeartbeat<T>(
  world: AppContext,
  id: string,
  work: () => Promise<T>,
  everyMs = beatMs,
): Promise<T> {
  const timer = setInterval(() => void beat(world, id), everyMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

/** One that fails does not matter: the next follows before anybody takes the crawl for dead. */
async function beat(world: AppContext, id: string): Promise<void> {
  try {
    await updateRegistry(world, (register) => recordHeartbeat(register, id, dateNow(world.clock)));
  } catch (error) {
    await logFault(error, { exportId: id });
  }
}
