import { keepLease } from "../../core/snapshot/crawl-registry.ts";
import { dateNow } from "../../adapters/clock/clock.ts";
import { logFault } from "../../adapters/log/log.ts";
import { changeRegister } from "../snapshot/snapshot-store--register.ts";
import type { World } from "../context.ts";

const beatMs = 60_000;

/** Tells of the crawl's life while the work goes on: a slow portal may make a window take many minutes. */
export async function keepPulse<T>(
  world: World,
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
async function beat(world: World, id: string): Promise<void> {
  try {
    await changeRegister(world, (register) => keepLease(register, id, dateNow(world.clock)));
  } catch (error) {
    await logFault(error, { exportId: id });
  }
}
