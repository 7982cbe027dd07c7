import { ExportError } from "../../core/basics/errors.ts";
import { readJson } from "../../core/basics/stored-values.ts";
import { nameContentType, type RateHeaders, unknownRateHeaders } from "./response-headers.ts";

/** A list of the portal's API: its name, its path, and the scope that the API key needs to read the list. */
export type Resource = { name: string; path: string; scope: string };

export const offerResource: Resource = { name: "offers", path: "/customer-offers", scope: "offers.read" };
export const customerResource: Resource = { name: "customers", path: "/customers", scope: "customers.read" };

export const keyRefusedCode = "portal_key_refused";
export const scopeMissingCode = "portal_scope_missing";
const notFoundCode = "portal_not_found";
export const notApiCode = "portal_not_api";
/** The error code for a portal that has failed for some seconds, but may work again in some minutes. */
export const unavailableCode = "portal_unavailable";

const transientCodes: ReadonlySet<string> = new Set([
  unavailableCode,
  notApiCode,
  notFoundCode,
  keyRefusedCode,
  scopeMissingCode,
]);

/**
 * True for an error that may be over in some minutes, if the portal has worked before. This includes refusals of the
 * key, the scope or the address, because a proxy may have sent them.
 */
export function isTransientPortalError(error: unknown): error is ExportError {
  return error instanceof ExportError && transientCodes.has(error.code);
}

type RetryableDetails = {
  symptom: string;
  rate: RateHeaders;
  isRefusal: boolean;
  retryAtMs: number | null;
  remedy: string;
  cause: unknown;
};

/** Thrown when a request got no usable response, but may succeed when it is sent again. */
export class RetryableError extends Error {
  override name = "RetryableError";
  /** Says what failed without naming the path, such as `answered 502 with text/html`. */
  readonly symptom: string;
  readonly rate: RateHeaders;
  /** True when the portal has refused the request with 429. */
  readonly isRefusal: boolean;
  /** True when the portal asks for a pause, by 429 or by a header that says when to send requests again. */
  readonly isClosed: boolean;
  /** The time at which the portal accepts requests again; null when the portal does not name a time. */
  readonly retryAtMs: number | null;
  /** Advice for a user whose failure persists; null when there is no special advice. */
  readonly remedy: string | null;
  constructor(message: string, details: Partial<RetryableDetails> = {}) {
    const { symptom = message, rate = unknownRateHeaders, isRefusal = false, retryAtMs = null } = details;
    super(message, { cause: details.cause });
    this.symptom = symptom;
    this.rate = rate;
    this.isRefusal = isRefusal;
    this.isClosed = isRefusal || retryAtMs !== null;
    this.retryAtMs = retryAtMs;
    this.remedy = details.remedy ?? null;
  }
}

type Certainty = {
  /**
   * True when a retry is pointless, because the response is clear. An earlier success may still contradict it (see
   * `isRefuted`).
   */
  isConclusive: boolean;
  /** True when the body states the error in the API's own format. */
  isExplicit: boolean;
};

/**
 * Thrown for a response that the API does not give to a valid request. A proxy or a firewall may have sent the
 * response, so a retry may help. `verdict` is the error to report when retries do not help.
 */
export class UnexpectedResponseError extends RetryableError {
  override name = "UnexpectedResponseError";
  readonly verdict: ExportError;
  readonly isConclusive: boolean;
  readonly isExplicit: boolean;
  constructor(
    verdict: ExportError,
    { isConclusive, isExplicit, ...details }: Partial<RetryableDetails> & Certainty,
  ) {
    super(verdict.message, details);
    this.verdict = verdict;
    this.isConclusive = isConclusive;
    this.isExplicit = isExplicit;
  }
  get code(): string {
    return this.verdict.code;
  }
}

export type ReceivedResponse = {
  status: number;
  contentType: string | null;
  body: string;
  rate: RateHeaders;
  retryAtMs: number | null;
};

/** Statuses that depend on the moment of the request and not on the requested resource. */
const transientStatuses = new Set([408, 409, 425]);
/**
 * Client errors about the key, the rate limit or the moment of the request. They do not mean that the requested page
 * lies after the end of the list.
 */
const otherClientErrors = new Set([401, 403, 429, ...transientStatuses]);

/** True when the list has no page of the requested number. Portals differ in the 4xx status that they use for this. */
export function isBeyondLastPage(status: number): boolean {
  return status >= 400 && status < 500 && !otherClientErrors.has(status);
}

/** True when the portal refuses the request with 429. The 429 is the status, or the `code` in the body. */
export function isRateLimited({ status, body }: ReceivedResponse): boolean {
  return status === 429 || (body.length < 1_000 && readCode(readJson(body)) === 429);
}

/** True when the response is an HTML page, which the API never sends. */
export function isHtml({ contentType, body }: ReceivedResponse): boolean {
  return nameContentType(contentType).includes("html") || /^\s*<(!doctype|html)/i.test(body);
}

/** Returns the error for a response without the requested data. `finding` describes the body, and may be empty. */
export function createResponseError(
  resource: Resource,
  received: ReceivedResponse,
  finding = "",
): RetryableError {
  const { status, contentType, rate, retryAtMs } = received;
  const symptom = `answered ${status} with ${nameContentType(contentType)}${finding}`;
  const message = `GET ${resource.path} ${symptom}`;
  const details = { symptom, rate, retryAtMs };
  if (isRateLimited(received)) return new RetryableError(message, { ...details, isRefusal: true });
  if (transientStatuses.has(status) || status >= 500) return new RetryableError(message, details);
  const format = findErrorFormat(received);
  const verdict = format === null ? null : explainStatus(resource, status);
  if (verdict !== null) {
    const isExplicit = format === "explicit";
    return new UnexpectedResponseError(verdict, { ...details, isConclusive: true, isExplicit });
  }
  return new UnexpectedResponseError(createNotApiError(resource, symptom), {
    ...details,
    isConclusive: !isHtml(received),
    isExplicit: true,
  });
}

/**
 * Tells whether the body has the format of the API's errors, which are JSON objects with a `code` and a `message`.
 * Returns "explicit" when the `code` equals the status, "bare" for an empty body or an object without a `code`, and
 * null for any other body.
 */
function findErrorFormat({ status, body }: ReceivedResponse): "explicit" | "bare" | null {
  if (body.trim() === "") return "bare";
  const json = readJson(body);
  if (typeof json !== "object" || json === null || Array.isArray(json)) return null;
  if (Object.keys(json).some((name) => !["code", "message", "errors"].includes(name))) return null;
  if (!("code" in json)) return "bare";
  return readCode(json) === status ? "explicit" : null;
}

function readCode(json: unknown): number | null {
  if (typeof json !== "object" || json === null || !("code" in json)) return null;
  const { code } = json;
  return typeof code === "number" || (typeof code === "string" && /^\d{3}$/.test(code)) ? Number(code) : null;
}

function explainStatus({ name, scope }: Resource, status: number): ExportError | null {
  if (status === 401) {
    const remedy =
      `Make a new one in the portal under Settings → API keys, with the scope ${scope}, and set it as ` +
      "PORTAL_API_KEY (in the cloud: the secret PortalApiKey).";
    return createPortalError(keyRefusedCode, "The portal does not accept the API key (401).", remedy);
  }
  if (status === 403) {
    const remedy =
      "Give it that scope in the portal under Settings → API keys, or make a new key that has it.";
    return createPortalError(scopeMissingCode, `The key lacks the scope ${scope} (403).`, remedy);
  }
  if (status === 404)
    return createPortalError(
      notFoundCode,
      `The portal knows no ${name} at this address (404).`,
      checkAddress,
    );
  return null;
}

function createNotApiError({ path }: Resource, symptom: string): ExportError {
  const detail = `The answer to GET ${path} is not one of the portal's API: it ${symptom}.`;
  return createPortalError(notApiCode, detail, checkAddress);
}

const checkAddress = "Check that PORTAL_API_URL is the API's own address, ending in /v1.";

function createPortalError(code: string, detail: string, remedy: string): ExportError {
  return new ExportError("portal", code, detail, { remedy });
}
