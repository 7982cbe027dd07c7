import { type Answer, refuse, type Scope } from "./portal-store.ts";

/**
 * The limiter's decision on one request. `waitMs` is the time until the next allowed request; 0 when this request is
 * allowed.
 */
export type Verdict = { allowed: boolean; remaining: number; waitMs: number };

type Budget = { limit: number; windowMs: number };

export interface Limiter {
  take(key: string, nowMs: number): Verdict;
}

export type LimiterKind = "fixed" | "rolling";

/**
 * Makes a limiter with the fixed windows of Laravel: a window opens at a key's first request. Refused requests do not
 * count.
 */
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

/** Makes a limiter that allows at most `limit` requests in any period of `windowMs`. Refused requests do not count. */
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

/**
 * The result of checking a request's key and rate limit. For an unknown key, `remaining` is null and `headers` is
 * empty.
 */
type Admission = {
  scopes: readonly Scope[];
  remaining: number | null;
  headers: Map<string, number>;
  refusal: Answer | null;
};

type PortalLimiterOptions = Budget & {
  keys: Readonly<Record<string, readonly Scope[]>>;
  limiter: LimiterKind;
};

function readKey(authorization = ""): string | undefined {
  return /^bearer +(\S+)$/i.exec(authorization)?.[1];
}

/** Returns a function that checks a request's key and takes one request from the key's rate limit. */
export function makePortalLimiter(
  options: PortalLimiterOptions,
): (authorization: string | undefined, nowMs: number) => Admission {
  const keys = new Map(Object.entries(options.keys));
  const limiter = makeLimiter(options.limiter, options);

  return (authorization, nowMs) => {
    const key = readKey(authorization);
    const scopes = key === undefined ? undefined : keys.get(key);
    if (key === undefined || !scopes)
      return { scopes: [], remaining: null, headers: new Map(), refusal: refuse(401, "Unauthenticated.") };

    const { allowed, remaining, waitMs } = limiter.take(key, nowMs);
    const headers = new Map([
      ["X-RateLimit-Limit", options.limit],
      ["X-RateLimit-Remaining", remaining],
    ]);
    if (allowed) return { scopes, remaining, headers, refusal: null };
    // Rounds the seconds up, so that the portal accepts a client that waits this long.
    headers.set("Retry-After", Math.ceil(waitMs / 1000));
    headers.set("X-RateLimit-Reset", Math.ceil((nowMs + waitMs) / 1000));
    return { scopes, remaining, headers, refusal: refuse(429, "Too many requests.") };
  };
}
