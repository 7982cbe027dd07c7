import { ExportError } from "../core/error.ts";
import { type Limit, noteAnswer, noteRefusal, noteSent, readPermit } from "../core/limit.ts";
import type { Clock } from "./clock.ts";
import type { Rate } from "./portal.ts";

/** Lets requests through as the rate limit allows: one opening is one request. */
export type Gate = {
  /** Waits for a permit and takes it; false when the window is used up, or the request is no longer wanted. */
  open: (isWanted: () => boolean) => Promise<boolean>;
  noteAnswer: (sentMs: number, rate: Rate) => void;
  noteRefusal: (sentMs: number, refusal: { rate: Rate; retryAtMs: number | null }) => void;
  requests: () => number;
  limit: () => Limit;
};

/** Shorter waits than this part of a window (5 s of 60) are sat out; longer ones end the window. */
const patience = 1 / 12;

export function createGate(begun: Limit, clock: Clock): Gate {
  let limit: Limit = { ...begun, inFlight: 0 };
  let requests = 0;
  let waiting: (() => void)[] = [];

  function wakeAll(): void {
    const woken = waiting;
    waiting = [];
    for (const wake of woken) wake();
  }

  async function open(isWanted: () => boolean): Promise<boolean> {
    while (isWanted()) {
      assertReserveFits(limit);
      const permit = readPermit(limit, clock.now());
      if (permit.requests > 0) {
        limit = noteSent(limit);
        requests += 1;
        return true;
      }
      if (permit.waitMs !== null && permit.waitMs > limit.windowMs * patience) return false;
      if (permit.waitMs === null) await new Promise<void>((resolve) => waiting.push(resolve));
      else await clock.sleep(permit.waitMs);
    }
    return false;
  }

  return {
    open,
    noteAnswer(sentMs, rate) {
      limit = noteAnswer(limit, { sentMs, nowMs: clock.now(), ...rate });
      wakeAll();
    },
    noteRefusal(sentMs, { rate, retryAtMs }) {
      limit = noteRefusal(limit, { sentMs, nowMs: clock.now(), ...rate, retryAtMs });
      wakeAll();
    },
    requests: () => requests,
    limit: () => limit,
  };
}

function assertReserveFits({ perWindow, reserve }: Limit): void {
  if (perWindow === null || reserve < perWindow) return;
  const detail =
    `PORTAL_RATE_RESERVE leaves ${reserve} requests a window to others, and the portal allows ${perWindow}: ` +
    "nothing is left for the export. Lower it.";
  throw new ExportError("portal", "rate_reserve_too_large", detail);
}
