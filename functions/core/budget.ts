import type { Change } from "./change.ts";
import { findAliveUntil, findFreeAt, findPollSeconds, isAlive, newLease } from "./lease.ts";
import type { Limit } from "./limit.ts";
import type { Progress } from "./progress.ts";
import { endLease, findLease, type Register } from "./register.ts";

/** An export that would read a window of names, having come so far. */
export type Bid = { id: string; window: number; progress: Progress; now: Date };

/**
 * A window that begins for the second time has spent requests of which nothing is known. `freeAt` is when the
 * other should be done, if it has told.
 */
export type Grant =
  | { kind: "granted"; isRepeated: boolean; limit: Limit | null }
  | { kind: "wait"; seconds: number; freeAt: string | null };

/**
 * The portal's budget for a window of names, or how long to wait because another spends it. To be written under
 * the condition that nobody else has written meanwhile.
 */
export function takeBudget(register: Register, { id, window, progress, now }: Bid): Change<Register, Grant> {
  const { lease, limit } = register;
  const held = findLease(register, id, "names");
  if (held === null && lease !== null && isAlive(lease, now)) {
    const answer = { kind: "wait", seconds: findPollSeconds(lease, now), freeAt: findFreeAt(lease) } as const;
    return { answer, after: null };
  }
  const begun = held ?? newLease({ holderId: id, reads: "names", evidence: false }, now);
  return {
    answer: { kind: "granted", isRepeated: begun.window >= window, limit },
    after: { ...register, lease: { ...begun, window, progress, aliveUntil: findAliveUntil(now) } },
  };
}

/** The register once the export reads no names any more, with what its last requests told of the rate limit. */
export function returnBudget(register: Register, id: string, limit: Limit | null): Register | null {
  if (findLease(register, id, "names") === null) return null;
  return { ...endLease(register, null), limit: limit ?? register.limit };
}
