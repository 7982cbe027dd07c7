import { ExportError } from "../../core/basics/errors.ts";
import { readJson } from "../../core/basics/stored-values.ts";
import { OddAnswerError, type RateHeaders, RetryableError } from "./rate-headers.ts";

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
  return new OddAnswerError(notTheApi(resource, seen), {
    ...loss,
    isClear: !isHtml(received),
    isExplicit: true,
  });
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

/** A body as text, by its byte order mark or the charset of its content type; what that does not know is UTF-8. */
export function decodeBody(bytes: Uint8Array, contentType: string | null): string {
  return new TextDecoder(findMark(bytes) ?? findCharset(contentType)).decode(bytes);
}

const marks = [
  { label: "utf-8", bytes: [0xef, 0xbb, 0xbf] },
  { label: "utf-16be", bytes: [0xfe, 0xff] },
  { label: "utf-16le", bytes: [0xff, 0xfe] },
];

function findMark(bytes: Uint8Array): string | null {
  return marks.find((mark) => mark.bytes.every((byte, index) => bytes[index] === byte))?.label ?? null;
}

function findCharset(contentType: string | null): string {
  const [, quoted, bare] = /;\s*charset\s*=\s*(?:"([^"]*)"|([^\s;,]+))/i.exec(contentType ?? "") ?? [];
  const label = quoted ?? bare ?? "utf-8";
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return "utf-8";
  }
}

/** A content type without its parameters, as it may be told. */
export function nameType(contentType: string | null): string {
  return (
    /^[\w.+-]{1,60}\/[\w.+-]{1,60}/.exec(contentType?.trim() ?? "")?.[0].toLowerCase() ?? "no content type"
  );
}

/** What has been seen to work in this export: the key, and the scope of what is asked for. */
export type KnownToWork = { key: boolean; scope: boolean };

/** The code of a portal that failed for some seconds: it may be back in some minutes. */
export const unavailableCode = "portal_unavailable";

const passingCodes: ReadonlySet<string> = new Set([
  unavailableCode,
  notApiCode,
  notFoundCode,
  keyRefusedCode,
  scopeMissingCode,
]);

/** Whether a portal that has worked before may be back in some minutes: what it answered may be somebody else's. */
export function mayPass(error: unknown): error is ExportError {
  return error instanceof ExportError && passingCodes.has(error.code);
}

/** What was seen and how often, in the order of the first times: `answered 502 with text/html 3 times`. */
export function tallySeen(seen: string[]): string {
  const counts = Map.groupBy(seen, (text) => text);
  const told = [...counts].map(([text, { length }]) =>
    length === 1 ? text : `${text} ${length === 2 ? "twice" : `${length} times`}`,
  );
  return told.join(", and then ");
}

type Seen = { seen: string; known: KnownToWork };

/** What a question's last failure means, after all that was seen before it. */
export function describeLostRequest(error: RetryableError, { seen, known }: Seen): ExportError {
  if (!(error instanceof OddAnswerError)) {
    const remedy = error.remedy ?? "Try again later.";
    return new ExportError("portal", unavailableCode, `The portal failed: it ${seen}.`, {
      remedy,
      cause: error,
    });
  }
  const { verdict } = error;
  const hasWorked = verdict.code === scopeMissingCode ? known.scope : known.key;
  if (!hasWorked) return addSeen(verdict, seen);
  const isRefused = verdict.code === keyRefusedCode || verdict.code === scopeMissingCode;
  if (isRefused && error.isExplicit) return addSeen(verdict, seen);
  const detail = `The portal has answered as it should before, and now what came is not its API's: it ${seen}.`;
  return new ExportError("portal", notApiCode, detail, { remedy: wait, cause: error });
}

const wait =
  "The address and the key have worked, so try again later; if it stays so, ask the portal's supplier what " +
  "answers in its place.";

function addSeen({ code, detail, remedy }: ExportError, seen: string): ExportError {
  const told = detail.includes(seen) ? detail : `${detail} It ${seen}.`;
  return new ExportError("portal", code, told, remedy === null ? {} : { remedy });
}
