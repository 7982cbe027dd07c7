import { ExportError } from "../../core/basics/errors.ts";
import { readJson } from "../../core/basics/stored-values--json.ts";
import { nameType } from "./response-errors--body.ts";
import { RetryableError, OddAnswerError, type RateHeaders } from "./rate-headers.ts";

/** A list of the portal: where it is asked for, and the scope that the key must have for it. */
export type Resource = { name: string; path: string; scope: string };

export const offerResource: Resource = { name: "offers", path: "/customer-offers", scope: "offers.read" };
export const customerResource: Resource = { name: "customers", path: "/customers", scope: "customers.read" };

export const keyRefusedCode = "portal_key_refused";
export const scopeMissingCode = "portal_scope_missing";
export const notFoundCode = "portal_not_found";
export const notApiCode = "portal_not_api";

export type ReceivedAnswer = {
  status: number;
  contentType: string | null;
  body: string;
  rate: RateHeaders;
  retryAtMs: number | null;
};

/** Statuses that are about this moment, not about what was asked for. */
const passing = new Set([408, 409, 425]);
/** Those that say nothing of where the list ends. */
const aboutRequest = new Set([401, 403, 429, ...passing]);

/** Whether a status says that the list does not reach the page that was asked for: portals differ in how. */
export function endsList(status: number): boolean {
  return status >= 400 && status < 500 && !aboutRequest.has(status);
}

/** Whether an answer says that there are too many requests, by its status or in its body. */
export function isLimited({ status, body }: ReceivedAnswer): boolean {
  return status === 429 || (body.length < 1_000 && readCode(readJson(body)) === 429);
}

/** Whether the answer is a document for people, which no API gives. */
export function isHtml({ contentType, body }: ReceivedAnswer): boolean {
  return nameType(contentType).includes("html") || /^\s*<(!doctype|html)/i.test(body);
}

/** What is thrown for an answer that is not what was asked for. `found` says what its body is instead, where it was read. */
export function refuseAnswer(resource: Resource, received: ReceivedAnswer, found = ""): RetryableError {
  const { status, contentType, rate, retryAtMs } = received;
  const seen = `answered ${status} with ${nameType(contentType)}${found}`;
  const message = `GET ${resource.path} ${seen}`;
  const loss = { seen, rate, retryAtMs };
  if (isLimited(received)) return new RetryableError(message, { ...loss, isRefusal: true });
  if (passing.has(status) || status >= 500) return new RetryableError(message, loss);
  const own = readOwn(received);
  const isExplicit = own === "explicit";
  const verdict = own === null ? null : explainOwn(resource, status);
  if (verdict !== null) return new OddAnswerError(verdict, { ...loss, isClear: true, isExplicit });
  return new OddAnswerError(notTheApi(resource, seen), { ...loss, isClear: !isHtml(received), isExplicit: true });
}

/**
 * Whether a refusal is in the API's words, which are a `code` and a `message`: explicit when its code is the status,
 * bare when it says nothing that speaks against it.
 */
function readOwn({ status, body }: ReceivedAnswer): "explicit" | "bare" | null {
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

function explainOwn({ name, scope }: Resource, status: number): ExportError | null {
  if (status === 401) {
    const remedy =
      `Make a new one in the portal under Settings → API keys, with the scope ${scope}, and set it as ` +
      "PORTAL_API_KEY (in the cloud: the secret PortalApiKey).";
    return explain(keyRefusedCode, "The portal does not accept the API key (401).", remedy);
  }
  if (status === 403) {
    const remedy =
      "Give it that scope in the portal under Settings → API keys, or make a new key that has it.";
    return explain(scopeMissingCode, `The key lacks the scope ${scope} (403).`, remedy);
  }
  if (status === 404)
    return explain(notFoundCode, `The portal knows no ${name} at this address (404).`, checkAddress);
  return null;
}

function notTheApi({ path }: Resource, seen: string): ExportError {
  const detail = `The answer to GET ${path} is not one of the portal's API: it ${seen}.`;
  return explain(notApiCode, detail, checkAddress);
}

const checkAddress = "Check that PORTAL_API_URL is the API's own address, ending in /v1.";

function explain(code: string, detail: string, remedy: string): ExportError {
  return new ExportError("portal", code, detail, { remedy });
}
