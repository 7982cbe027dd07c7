import type { Observations } from "./observations.ts";

/**
 * Only the holder of the lease reads offers. An invocation that counts as ended is an exception: its process may have
 * been frozen while another export took the lease, and cannot know it yet.
 */
export function checkReadings({ readings }: Pick<Observations, "readings">): string[] {
  return readings
    .filter(({ exportId, holderId, isLate }) => !isLate && exportId !== holderId)
    .map(
      ({ atMs, process, exportId, holderId }) =>
        `${process} reads offers for ${exportId} at ${new Date(atMs).toISOString()}, and the lease is held by ${holderId ?? "nobody"}`,
    );
}

export function checkLimit({ excesses }: Pick<Observations, "excesses">): string[] {
  return [...excesses];
}
