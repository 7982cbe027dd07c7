import { makeLimiter, type Budget, type LimiterKind } from "./portal-limiter.ts";
import { refuse, type Answer, type Scope } from "./portal-store--answer.ts";

/** `remaining` is null, and there are no headers, when the key is unknown. */
export type Admission = {
  scopes: readonly Scope[];
  remaining: number | null;
  headers: Map<string, number>;
  refusal: Answer | null;
};

export type GateOptions = Budget & { keys: Readonly<Record<string, readonly Scope[]>>; limiter: LimiterKind };

function readKey(authorization = ""): string | undefined {
  return /^bearer +(\S+)$/i.exec(authorization)?.[1];
}

/** Checks the key and takes one request from its budget. */
export function makePortalLimiter(
  options: GateOptions,
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
    // Rounded up, so that whoever waits that long is let in.
    headers.set("Retry-After", Math.ceil(waitMs / 1000));
    headers.set("X-RateLimit-Reset", Math.ceil((nowMs + waitMs) / 1000));
    return { scopes, remaining, headers, refusal: refuse(429, "Too many requests.") };
  };
}
