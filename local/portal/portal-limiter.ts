/** `waitMs` is how long to wait until a request is let through again; 0 when this one was. */
export type Verdict = { allowed: boolean; remaining: number; waitMs: number };

export type Budget = { limit: number; windowMs: number };

export interface Limiter {
  take(key: string, nowMs: number): Verdict;
}

export type LimiterKind = "fixed" | "rolling";

/** The window opens at a key's first request, as Laravel's does; refused requests do not count. */
function makeFixed({ limit, windowMs }: Budget): Limiter {
  const windows = new Map<string, { closesAtMs: number; taken: number }>();
  return {
    take(key, nowMs) {
      const known = windows.get(key);
      const current = known && nowMs < known.closesAtMs ? known : { closesAtMs: nowMs + windowMs, taken: 0 };
      windows.set(key, current);
      if (current.taken >= limit) return { allowed: false, remaining: 0, waitMs: current.closesAtMs - nowMs };
      current.taken += 1;
      return { allowed: true, remaining: limit - current.taken, waitMs: 0 };
    },
  };
}

/** No more than `limit` in any stretch of `windowMs`; refused requests do not count. */
function makeRolling({ limit, windowMs }: Budget): Limiter {
  const logs = new Map<string, number[]>();
  return {
    take(key, nowMs) {
      const log = (logs.get(key) ?? []).filter((atMs) => atMs > nowMs - windowMs);
      logs.set(key, log);
      if (log.length >= limit)
        return { allowed: false, remaining: 0, waitMs: (log[0] ?? nowMs) + windowMs - nowMs };
      log.push(nowMs);
      return { allowed: true, remaining: limit - log.length, waitMs: 0 };
    },
  };
}

export function makeLimiter(kind: LimiterKind, budget: Budget): Limiter {
  return kind === "fixed" ? makeFixed(budget) : makeRolling(budget);
}
