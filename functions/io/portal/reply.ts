/** What an answer said about the rate limit; null where it said nothing. */
export type Rate = { remaining: number | null; perWindow: number | null };

export type Reply<T> = { value: T; rate: Rate };

/** A request that brought no usable answer, and may when it is sent again. */
export class LostReply extends Error {
  override name = "LostReply";
  readonly rate: Rate;
  /** Whether the portal answers nothing for a while: it said 429, or until when. */
  readonly isClosed: boolean;
  /** When the portal answers again, if it said so. */
  readonly retryAtMs: number | null;
  constructor(
    message: string,
    { rate = unknownRate, isRefusal = false, retryAtMs = null, cause }: Partial<Loss> = {},
  ) {
    super(message, { cause });
    this.rate = rate;
    this.isClosed = isRefusal || retryAtMs !== null;
    this.retryAtMs = retryAtMs;
  }
}

type Loss = { rate: Rate; isRefusal: boolean; retryAtMs: number | null; cause: unknown };

export const unknownRate: Rate = { remaining: null, perWindow: null };

export function readRate(headers: Headers): Rate {
  return {
    remaining: readCount(headers, "x-ratelimit-remaining"),
    perWindow: readCount(headers, "x-ratelimit-limit"),
  };
}

/** `retry-after` is in seconds from now; `x-ratelimit-reset`, in seconds since 1970, wants clocks that agree. */
export function readRetryAt(headers: Headers, nowMs: number): number | null {
  const after = readCount(headers, "retry-after");
  const reset = readCount(headers, "x-ratelimit-reset");
  if (after !== null) return nowMs + after * 1000;
  return reset === null || reset * 1000 <= nowMs ? null : reset * 1000;
}

function readCount(headers: Headers, name: string): number | null {
  const text = headers.get(name);
  return text !== null && /^\d{1,12}$/.test(text) ? Number(text) : null;
}
