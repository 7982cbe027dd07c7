import { Webhook } from "standardwebhooks";
import type {
  SendWebhook,
  WebhookRequest,
  WebhookResponse,
} from "../../../functions/adapters/webhook/webhook-client.ts";
import type { FaultRates, FaultSource } from "../faults/fault-source.ts";
import type { HistoryTrace } from "../time/history-trace.ts";
import { connectionError } from "../s3/s3-commands.ts";
import type { SimulatedProcess } from "../time/simulated-process.ts";
import type { VirtualClock } from "../time/virtual-clock.ts";

/** What a receiver can do with a request instead of answering 204. */
export type ReceiverFault =
  /** The receiver's name is not known: `ENOTFOUND`. */
  | "unknown"
  /** Nobody listens at the receiver's address: `ECONNREFUSED`. */
  | "unreachable"
  /** The connection breaks before the receiver has the request. */
  | "reset"
  /** The receiver takes the event, and the connection breaks before the answer arrives. */
  | "unanswered"
  /** The receiver takes the event, and answers only after the sender has given up. */
  | "slow"
  /** The receiver answers 302. */
  | "redirected"
  /** The receiver answers 400. */
  | "refused"
  /** The receiver answers 410. */
  | "gone"
  /** The receiver answers 500 without `Retry-After`. */
  | "failed"
  /** The receiver answers 429 and asks for a pause in seconds. */
  | "paused"
  /** The receiver answers 503 and asks for a pause until a date. */
  | "paused until"
  /** The receiver answers 503 and asks for a pause that is longer than a sender waits. */
  | "paused for long";

export type ReceiverSettings = {
  clock: VirtualClock;
  faults: FaultSource;
  trace: HistoryTrace;
  rates: FaultRates<ReceiverFault>;
  /** The secrets that sign the events. A receiver knows the first one. */
  secrets: readonly string[];
  /** One of so many requests has its signature checked, beginning with the first. A check takes 0.1 ms. */
  checkEvery?: number;
  /** The time in which a request reaches its receiver or an answer reaches the sender. */
  delaysMs?: { min: number; max: number };
};

/** A request that has reached its receiver. */
export type ReceivedWebhook = {
  /** When the sender sent the request. */
  sentAtMs: number;
  /** When the request reached its receiver. */
  atMs: number;
  /** The header `webhook-id`, which is the same in each try. */
  id: string;
  receiver: string;
  /** The process that sent the request. */
  sender: string;
  /** True when the invocation that sent the request counts as ended. */
  isLate: boolean;
  /** The status of the answer; null while the sender does not have the answer. */
  status: number | null;
  /** The moment before which the receiver wants no other request; null when it has asked for no pause. */
  restUntilMs: number | null;
  /** False when the signature is wrong; null when it was not checked. */
  isSigned: boolean | null;
  body: string;
};

export type SimulatedReceivers = {
  /**
   * Returns the process's port of webhooks, which is the option `sendWebhook` of `openContext`. `isLate` tells whether
   * the present invocation counts as ended.
   */
  serve: (process: SimulatedProcess, isLate?: () => boolean) => SendWebhook;
  /** All requests that have reached a receiver, in the order of their arrival. */
  received: readonly ReceivedWebhook[];
};

const statuses: Partial<Record<ReceiverFault, number>> = {
  redirected: 302,
  refused: 400,
  gone: 410,
  failed: 500,
  paused: 429,
  "paused until": 503,
  "paused for long": 503,
};

const unreached: Partial<Record<ReceiverFault, string>> = {
  unknown: "ENOTFOUND",
  unreachable: "ECONNREFUSED",
  reset: "ECONNRESET",
};

const secondMs = 1_000;
const hourMs = 3_600_000;
const pausesMs = { min: secondMs, max: 2 * hourMs };
const longPausesMs = { min: 4 * hourMs, max: 48 * hourMs };
/** The largest difference between a receiver's clock and the true time. */
const maxSkewMs = 10 * 60_000;

/** Opens the receivers of all addresses. Each address draws its faults by itself. */
export function openSimulatedReceivers(settings: ReceiverSettings): SimulatedReceivers {
  const { clock, faults, trace, rates, secrets, checkEvery = 10 } = settings;
  const { delaysMs = { min: 20, max: 2_000 } } = settings;
  const received: ReceivedWebhook[] = [];
  const [secret] = secrets;
  const verifier = secret === undefined ? null : new Webhook(secret);

  type Sent = Pick<ReceivedWebhook, "sender" | "isLate" | "sentAtMs">;

  function take(url: URL, { headers, body }: WebhookRequest, sent: Sent): ReceivedWebhook {
    const isChecked = received.length % checkEvery === 0;
    const webhook: ReceivedWebhook = {
      ...sent,
      atMs: clock.now(),
      id: headers["webhook-id"] ?? "",
      receiver: url.href,
      status: null,
      restUntilMs: null,
      isSigned: isChecked && verifier !== null ? isSigned(verifier, headers, body) : null,
      body,
    };
    received.push(webhook);
    return webhook;
  }

  /** Returns the headers by which a receiver asks for a pause, and the moment at which the pause is over. */
  function askForPause(place: string, fault: ReceiverFault): Pause {
    const { min, max } = fault === "paused for long" ? longPausesMs : pausesMs;
    const nowMs = clock.now();
    const pauseMs = faults.drawDelayMs(`${place} pause`, min, max);
    if (fault === "paused" || (fault === "paused for long" && faults.drawSide(`${place} pause`))) {
      const seconds = Math.ceil(pauseMs / secondMs);
      return { headers: { "retry-after": String(seconds) }, untilMs: nowMs + seconds * secondMs };
    }
    // A receiver whose clock is wrong shows its time in `Date`. HTTP gives dates in whole seconds.
    const skewMs = faults.drawSide(`${place} clock`)
      ? faults.drawDelayMs(`${place} clock`, 0, 2 * maxSkewMs) - maxSkewMs
      : null;
    const untilMs = floorToSecond(nowMs + (skewMs ?? 0) + pauseMs);
    const headers = {
      "retry-after": new Date(untilMs).toUTCString(),
      ...(skewMs !== null && { date: new Date(nowMs + skewMs).toUTCString() }),
    };
    return { headers, untilMs: untilMs - (skewMs ?? 0) };
  }

  /** Lets the request reach its receiver, and returns the answer as the sender gets it. */
  async function attempt(
    url: URL,
    request: WebhookRequest,
    { sender, isLate }: Pick<ReceivedWebhook, "sender" | "isLate">,
  ): Promise<Outcome> {
    const place = `webhook ${url.host}`;
    const sentAtMs = clock.now();
    const fault = faults.drawFault(place, rates);
    await clock.sleep(faults.drawDelayMs(place, delaysMs.min, delaysMs.max));
    const code = fault === null ? undefined : unreached[fault];
    if (code !== undefined) return { error: connectionError(code) };
    const webhook = take(url, request, { sender, isLate, sentAtMs });
    if (fault === "slow") return await new Promise(() => undefined);
    const status = (fault === null ? undefined : statuses[fault]) ?? 204;
    const pause = fault?.startsWith("paused") ? askForPause(place, fault) : null;
    await clock.sleep(faults.drawDelayMs(place, delaysMs.min, delaysMs.max));
    if (fault === "unanswered") return { error: connectionError("ECONNRESET") };
    return { webhook, response: { status, headers: pause?.headers ?? {} }, untilMs: pause?.untilMs ?? null };
  }

  async function send(
    url: URL,
    request: WebhookRequest,
    process: SimulatedProcess,
    isLate: boolean,
  ): Promise<WebhookResponse> {
    const aborted = new Promise<Outcome>((resolve) => {
      const abort = () => resolve({ error: new DOMException("aborted", "AbortError") });
      request.signal.addEventListener("abort", abort, { once: true });
    });
    const outcome = await Promise.race([attempt(url, request, { sender: process.name, isLate }), aborted]);
    await process.pass();
    const result = "error" in outcome ? outcome.error.message : outcome.response.status;
    trace.note(process.name, `POST ${url.href} ${request.headers["webhook-id"]} -> ${result}`);
    if ("error" in outcome) throw outcome.error;
    const { webhook, response, untilMs } = outcome;
    Object.assign(webhook, { status: response.status, restUntilMs: untilMs });
    return response;
  }

  return {
    serve:
      (process, isLate = () => false) =>
      (url, request) =>
        send(url, request, process, isLate()),
    received,
  };
}

type Pause = { headers: WebhookResponse["headers"]; untilMs: number };

type Outcome =
  { error: Error } | { webhook: ReceivedWebhook; response: WebhookResponse; untilMs: number | null };

function isSigned(verifier: Webhook, headers: Record<string, string>, body: string): boolean {
  try {
    verifier.verify(body, headers);
    return true;
  } catch {
    return false;
  }
}

function floorToSecond(ms: number): number {
  return Math.floor(ms / secondMs) * secondMs;
}
