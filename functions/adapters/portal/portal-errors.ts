import { ExportError } from "../../core/basics/errors.ts";
import { readJson } from "../../core/basics/stored-values.ts";
import { nameContentType, type RateHeaders, unknownRateHeaders } from "./response-headers.ts";

/** A collection of the portal: its path, and the scope that the API key needs to read it. */
export type Resource = { name: string; path: string; scope: string };

export const offerResource: Resource = { name: "offers", path: "/customer-offers", scope: "offers.read" };
export const customerResource: Resource = { name: "customers", path: "/customers", scope: "customers.read" };

export const keyRefusedCode = "portal_key_refused";
export const scopeMissingCode = "portal_scope_missing";
const notFoundCode = "portal_not_found";
export const notApiCode = "portal_not_api";
/** The portal failed for some seconds, and may be back in some minutes. */
export const unavailableCode = "portal_unavailable";

const transientCodes: ReadonlySet<string> = new Set([
  unavailableCode,
  notApiCode,
  notFoundCode,
  keyRefusedCode,
  scopeMissingCode,
]);

/**
 * True when a portal that has worked before may be back in some minutes. Refusals count too, since a proxy may have
 * sent them.
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

/** A request without a usable response, which may succeed when it is sent again. */
export class RetryableError extends Error {
  override name = "RetryableError";
  /** The failure without the path, such as `answered 502 with text/html`. */
  readonly symptom: string;
  readonly rate: RateHeaders;
  /** True for 429. */
  readonly isRefusal: boolean;
  /** True when the portal asks for a pause: by 429, or by a header that says when to come back. */
  readonly isClosed: boolean;
  /** When the portal accepts requests again; null when it does not say. */
  readonly retryAtMs: number | null;
  /** Advice for a failure that persists. */
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
  /** True when a retry is pointless, unless the key or the scope in doubt has worked earlier in the export. */
  isConclusive: boolean;
  /** True when the body states the error in the API's own format. */
  isExplicit: boolean;
};

/**
 * A response that the API never gives to a valid request. A proxy or a firewall may have sent it, so a retry may
 * help. `verdict` is the error to report when retries do not help.
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

/** Statuses that concern this moment and not the resource. */
const transientStatuses = new Set([408, 409, 425]);
/** Client errors that concern the key, the rate or the moment, so they do not mark the end of the list. */
const otherClientErrors = new Set([401, 403, 429, ...transientStatuses]);

/** True when the status means that the list has no such page. Portals differ in which 4xx they use. */
export function isBeyondLastPage(status: number): boolean {
  return status >= 400 && status < 500 && !otherClientErrors.has(status);
}

/** True for 429, as the status or as the `code` in the body. */
export function isRateLimited({ status, body }: ReceivedResponse): boolean {
  return status === 429 || (body.length < 1_000 && readCode(readJson(body)) === 429);
}

/** True for an HTML page, which the API never sends. */
export function isHtml({ contentType, body }: ReceivedResponse): boolean {
  return nameContentType(contentType).includes("html") || /^\s*<(!doctype|html)/i.test(body);
}

/** The error for a response without the requested data. `finding`, if any, describes the body. */
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
 * The API's errors are JSON objects with a `code` and a `message`. Returns "explicit" when the `code` equals the
 * status, "bare" for an empty body or an object without a `code`, and null for any other body.
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
