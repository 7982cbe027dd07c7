import pRetry from "p-retry";
import { ExportError } from "../../core/basics/errors.ts";
import type { RateLimit } from "../../core/rate-limit/rate-limit.ts";
import type { Timer } from "../clock/clock.ts";
import { type Random, systemRandom } from "../random/random.ts";
import { createLimiter, type LimiterOptions } from "./limiter.ts";
import type { PortalResponse, RequestAttempt } from "./portal-client.ts";
import {
  keyRefusedCode,
  notApiCode,
  RetryableError,
  scopeMissingCode,
  unavailableCode,
  UnexpectedResponseError,
} from "./portal-errors.ts";

type PortalRequest<T> = (attempt: RequestAttempt) => Promise<PortalResponse<T>>;

/** Sends requests to the portal within the rate limit, and retries failed requests. */
export type ClientQueue = {
  /**
   * Sends a request until it succeeds. Throws an ExportError when the retries are used up. With `isAllOrNothing` this
   * failure also ends all other requests of the queue.
   */
  send: <T>(request: PortalRequest<T>) => Promise<T>;
  permits: () => number;
  left: () => number;
  requests: () => number;
  refusals: () => number;
  limit: () => RateLimit;
  /** True when the portal has accepted the API key, in a request of this queue or earlier in the export. */
  hasWorked: () => boolean;
};

/** Says whether the API key, and the scope of the requested resource, have worked in this export. */
type VerifiedAccess = { key: boolean; scope: boolean };

type QueueOptions = LimiterOptions & { verified?: VerifiedAccess; random?: Random | undefined };

const retries = 4;
/** The pause before the first retry. It doubles with each further retry, and a random part of up to 100 % is added. */
const firstPauseMs = 300;

/** Opens a queue of requests to the portal. Each attempt takes a permit of the limiter, also when it is a retry. */
export function openClientQueue(clock: Timer, options: QueueOptions): ClientQueue {
  const limiter = createLimiter(options, clock);
  const failed = new AbortController();
  const { random = systemRandom } = options;
  let verified: VerifiedAccess = options.verified ?? { key: false, scope: false };

  async function attempt<T>(request: PortalRequest<T>): Promise<T> {
    await limiter.acquire(failed.signal);
    const sentMs = clock.now();
    try {
      const response = await request({ now: () => clock.now(), signal: failed.signal });
      limiter.noteResponse(sentMs, response.rate, true);
      if (response.isBlank !== true) verified = { key: true, scope: true };
      return response.value;
    } catch (error) {
      const failure = error instanceof RetryableError ? error : new RetryableError("");
      if (failure.isClosed) limiter.noteRefusal(sentMs, failure);
      else limiter.noteResponse(sentMs, failure.rate, false);
      throw error;
    }
  }

  async function send<T>(request: PortalRequest<T>): Promise<T> {
    const symptoms: string[] = [];
    try {
      return await pRetry(() => attempt(request), {
        retries,
        // Turns off the library's own pauses. `shouldRetry` pauses instead, and uses the clock of this queue.
        minTimeout: 0,
        // A retry after a 429 is not counted. The limiter decides how long to wait after a 429, and when to give up.
        shouldConsumeRetry: ({ error }) => !(error instanceof RetryableError && error.isRefusal),
        onFailedAttempt({ error }) {
          if (error instanceof RetryableError) symptoms.push(error.symptom);
        },
        async shouldRetry({ error, retriesConsumed }) {
          if (failed.signal.aborted || !(error instanceof RetryableError)) return false;
          if (isConclusive(error, verified)) return false;
          if (!error.isClosed) await clock.sleep(drawPauseMs(retriesConsumed + 1, random));
          return true;
        },
      });
    } catch (error) {
      if (options.isAllOrNothing) failed.abort();
      throw error instanceof RetryableError
        ? describeFailedRequest(error, summarizeSymptoms(symptoms), verified)
        : error;
    }
  }

  const { permits, left, requests, refusals, limit } = limiter;
  return { send, permits, left, requests, refusals, limit, hasWorked: () => verified.key };
}

function drawPauseMs(attempt: number, random: Random): number {
  return firstPauseMs * 2 ** (attempt - 1) * (1 + random.fraction());
}

/** True when a retry is pointless, because the response is clear and no earlier success contradicts it. */
function isConclusive(error: RetryableError, verified: VerifiedAccess): boolean {
  return error instanceof UnexpectedResponseError && error.isConclusive && !isRefuted(error, verified);
}

/**
 * True when an earlier success contradicts the response. If the response says that the scope is missing, the scope must
 * have worked. For any other response the key must have worked.
 */
function isRefuted({ code }: UnexpectedResponseError, { key, scope }: VerifiedAccess): boolean {
  return code === scopeMissingCode ? scope : key;
}

/**
 * Lists the symptoms in the order of their first occurrence, each with its count: `answered 502 with text/html 3
 * times`.
 */
function summarizeSymptoms(symptoms: string[]): string {
  const counted = [...Map.groupBy(symptoms, (symptom) => symptom)].map(([symptom, { length }]) =>
    length === 1 ? symptom : `${symptom} ${length === 2 ? "twice" : `${length} times`}`,
  );
  return counted.join(", and then ");
}

/** Returns the error to report for a request whose retries have failed. `symptoms` summarises all its attempts. */
function describeFailedRequest(
  error: RetryableError,
  symptoms: string,
  verified: VerifiedAccess,
): ExportError {
  if (!(error instanceof UnexpectedResponseError)) {
    const remedy = error.remedy ?? "Try again later.";
    return new ExportError("portal", unavailableCode, `The portal failed: it ${symptoms}.`, {
      remedy,
      cause: error,
    });
  }
  const { verdict } = error;
  const isAccessError = verdict.code === keyRefusedCode || verdict.code === scopeMissingCode;
  if (!isRefuted(error, verified) || (isAccessError && error.isExplicit))
    return addSymptoms(verdict, symptoms);
  const detail = `The portal has answered as it should before, and now what came is not its API's: it ${symptoms}.`;
  return new ExportError("portal", notApiCode, detail, { remedy: waitRemedy, cause: error });
}

const waitRemedy =
  "The address and the key have worked, so try again later; if it stays so, ask the portal's supplier what " +
  "answers in its place.";

function addSymptoms({ code, detail, remedy }: ExportError, symptoms: string): ExportError {
  const extended = detail.includes(symptoms) ? detail : `${detail} It ${symptoms}.`;
  return new ExportError("portal", code, extended, remedy === null ? {} : { remedy });
}
