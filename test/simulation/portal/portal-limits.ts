import { type LimiterKind, makeLimiter } from "../../../local/portal/portal-limiter.ts";
import { createSeededRandom } from "../faults/seeded-random.ts";

/** What the portal's answers say about its limit. `wrong` headers contradict the limit that the portal keeps. */
export type LimitHeaders = "all" | "limit" | "remaining" | "none" | "wrong";

export type LimitSettings = {
  kind: LimiterKind;
  limit: number;
  windowMs: number;
  headers: LimitHeaders;
  /** How a 429 names the time of the next request. */
  pause: "seconds" | "date" | "none";
  /** Other users of the key take as many requests as this, now and then. */
  others: number;
};

/**
 * A request of the exporter that should not have been sent.
 *
 * `refused`: the portal refused it with 429, and its process could have known. It had got an answer that stated the
 * limit and what was left, and in the last two windows nobody else has sent a request with the key. Or it had got no
 * such answer, and yet sent the request beside others instead of one alone; since the first of these nobody else has
 * sent a request, and no other program in the last two windows. Otherwise a process cannot tell which of its requests
 * the stated number has counted. A portal that does not state both numbers is asked until it refuses.
 *
 * `early`: the process had got a 429, or another answer with a time, and sent the request before that time; after a 429
 * that names no usable time, within the first second.
 *
 * `isLone` tells that no other request of the process was under way. A step that runs again has lost what its first
 * attempt knew, and sends one request alone to learn it. So a lone request is wrong only where no step ran again.
 */
export type Excess = {
  atMs: number;
  process: string;
  target: string;
  kind: "refused" | "early";
  isLone: boolean;
};

/** What a process knew when it sent a request. The ordinals count the requests that the portal has taken. */
export type Ticket = {
  client: Client;
  sentMs: number;
  target: string;
  isTold: boolean;
  /** The ordinal of the last request before the first of those that are under way together with this one. */
  burstOrdinal: number;
  isLone: boolean;
  isEarly: boolean;
};

type Client = {
  process: string;
  /** True when the process has got an answer that states the limit. */
  isTold: boolean;
  pausedUntilMs: number;
  underway: Ticket[];
};

/** The portal's decision about a request, with the headers of its limit. */
export type Admission = {
  isAllowed: boolean;
  headers: [string, string][];
  /** The time that a refusal names; the present time when it names none. Null when the request is allowed. */
  pausedUntilMs: number | null;
};

export type PortalLimits = ReturnType<typeof openPortalLimits>;

/** The pauses of more than a day end an export, and are not kept. */
const maxPauseMs = 86_400_000;
const leastPauseMs = 1_000;
const others = "other users";

/** Opens the limit of one key. It counts the requests itself, and finds those of the exporter that were too many. */
export function openPortalLimits(settings: LimitSettings, seed: string, skewMs = 0) {
  const { limit, windowMs, headers: stated } = settings;
  const limiter = makeLimiter(settings.kind, { limit, windowMs });
  const random = createSeededRandom(`${seed} limits`);
  const clients = new Map<string, Client>();
  const excesses: Excess[] = [];
  /** The last request that the portal took from each process and from the other users, and the number of all. */
  const lastTaken = new Map<string, { ordinal: number; atMs: number }>();
  let taken = 0;

  function noteTaken(who: string, atMs: number): void {
    taken += 1;
    lastTaken.set(who, { ordinal: taken, atMs });
  }

  function openClient(process: string): Client {
    const known = clients.get(process);
    if (known !== undefined) return known;
    const client: Client = { process, isTold: false, pausedUntilMs: -Infinity, underway: [] };
    clients.set(process, client);
    return client;
  }

  function send(process: string, target: string, nowMs: number): Ticket {
    const client = openClient(process);
    const ticket: Ticket = {
      client,
      sentMs: nowMs,
      target,
      isTold: client.isTold,
      burstOrdinal: Math.min(taken, ...client.underway.map(({ burstOrdinal }) => burstOrdinal)),
      isLone: client.underway.length === 0,
      isEarly: nowMs < client.pausedUntilMs,
    };
    client.underway.push(ticket);
    if (ticket.isEarly) noteExcess(ticket, "early", nowMs);
    return ticket;
  }

  function noteExcess(ticket: Ticket, kind: Excess["kind"], atMs: number): void {
    const { client, target, isLone } = ticket;
    excesses.push({ atMs, process: client.process, target, kind, isLone });
  }

  /** Takes the request, or refuses it. */
  function admit(ticket: Ticket, nowMs: number): Admission {
    if (settings.others > 0 && random.next() < 0.03) letOthers(nowMs);
    const { allowed, remaining, waitMs } = limiter.take("key", nowMs);
    if (allowed) noteTaken(ticket.client.process, nowMs);
    else if (couldKnow(ticket, nowMs)) noteExcess(ticket, "refused", nowMs);
    const headers = stateLimit(remaining);
    if (allowed) return { isAllowed: true, headers, pausedUntilMs: null };
    const pausedUntilMs = settings.pause === "none" ? nowMs : nowMs + waitMs;
    return { isAllowed: false, headers: [...headers, ...namePause(waitMs, nowMs + skewMs)], pausedUntilMs };
  }

  function letOthers(nowMs: number): void {
    for (let count = 1 + random.draw(settings.others); count > 0; count -= 1)
      if (limiter.take("key", nowMs).allowed) noteTaken(others, nowMs);
  }

  function couldKnow({ client, isTold, burstOrdinal, isLone }: Ticket, nowMs: number): boolean {
    if (stated !== "all") return false;
    const recent = [...lastTaken].filter(
      ([who, { atMs }]) => who !== client.process && atMs > nowMs - 2 * windowMs,
    );
    if (isTold) return recent.length === 0;
    return !isLone && recent.every(([who, { ordinal }]) => who !== others && ordinal <= burstOrdinal);
  }

  function stateLimit(remaining: number): [string, string][] {
    if (stated === "none") return [];
    if (stated === "wrong")
      return random.pick<[string, string][]>([
        [["x-ratelimit-limit", "0"]],
        [["x-ratelimit-limit", String(limit * 10)]],
        [["x-ratelimit-remaining", String(limit)]],
        [["x-ratelimit-limit", "unlimited"]],
      ]);
    const headers: [string, string][] = [];
    if (stated !== "remaining") headers.push(["x-ratelimit-limit", String(limit)]);
    if (stated !== "limit") headers.push(["x-ratelimit-remaining", String(remaining)]);
    return headers;
  }

  function namePause(waitMs: number, portalMs: number): [string, string][] {
    if (settings.pause === "none") return [];
    if (settings.pause === "date") return [["retry-after", new Date(portalMs + waitMs + 999).toUTCString()]];
    const reset: [string, string] = ["x-ratelimit-reset", String(Math.ceil((portalMs + waitMs) / 1000))];
    const retry: [string, string] = ["retry-after", String(Math.ceil(waitMs / 1000))];
    return stated === "all" ? [retry, reset] : [retry];
  }

  /**
   * Notes that the process has got the answer, or knows that none will come. `pausedUntilMs` is null when the answer asks
   * for no pause. A pause of a second at least is due.
   */
  function receive(
    ticket: Ticket,
    answer: { isStated: boolean; pausedUntilMs: number | null },
    nowMs: number,
  ): void {
    const { client } = ticket;
    client.underway.splice(client.underway.indexOf(ticket), 1);
    client.isTold ||= answer.isStated;
    const { pausedUntilMs } = answer;
    if (pausedUntilMs !== null && pausedUntilMs <= nowMs + maxPauseMs)
      client.pausedUntilMs = Math.max(client.pausedUntilMs, pausedUntilMs, nowMs + leastPauseMs);
  }

  return {
    send,
    admit,
    receive,
    /** Lets a process know nothing, as one does whose invocation was lost. */
    forget: (process: string) => void clients.delete(process),
    excesses: (): readonly Excess[] => excesses,
    taken: () => taken,
  };
}
