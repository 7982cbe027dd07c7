import { GetObjectCommand, HeadObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import type { StorageLocation } from "../../functions/adapters/settings/settings.ts";
import type { S3Object, S3Objects, S3Request } from "../simulation/s3-objects.ts";

const methods = { GET: GetObjectCommand, HEAD: HeadObjectCommand };

/** Answers the requests of presigned links, as S3 does. */
export function serveLinks(location: StorageLocation, objects: S3Objects) {
  const { region, endpoint, credentials, name: bucket } = location;
  const client = new S3Client({
    region,
    forcePathStyle: true,
    ...(endpoint !== null && { endpoint }),
    ...(credentials !== null && { credentials }),
  });

  /** Signs the link again, and compares. */
  async function isSigned(url: URL, method: keyof typeof methods, key: string): Promise<boolean> {
    const signedAt = readDate(url.searchParams.get("X-Amz-Date") ?? "");
    if (Number.isNaN(signedAt.getTime())) return false;
    const expiresIn = Number(url.searchParams.get("X-Amz-Expires"));
    const command = new methods[method]({ Bucket: bucket, Key: key });
    return (await getSignedUrl(client, command, { expiresIn, signingDate: signedAt })) === url.href;
  }

  return async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    const [, name, ...path] = decodeURIComponent(url.pathname).split("/");
    const key = path.join("/");
    const { method } = request;
    if (name !== bucket || (method !== "GET" && method !== "HEAD")) return refuse(403, "AccessDenied");
    if (!(await isSigned(url, method, key))) return refuse(403, "SignatureDoesNotMatch");
    const endMs =
      readDate(url.searchParams.get("X-Amz-Date") ?? "").getTime() +
      Number(url.searchParams.get("X-Amz-Expires")) * 1000;
    if (Date.now() > endMs) return refuse(403, "AccessDenied");
    const object = objects.find(key);
    return object === null ? refuse(404, "NoSuchKey") : answer(object, request);
  };
}

function readDate(text: string): Date {
  return new Date(text.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, "$1-$2-$3T$4:$5:$6Z"));
}

function refuse(status: number, code: string): Response {
  return new Response(`<Error><Code>${code}</Code></Error>`, { status });
}

function answer(
  { body, etag, headers, modifiedMs }: S3Object,
  { method, headers: asked }: Request,
): Response {
  const { contentType, contentDisposition, cacheControl } = headers;
  const given = new Headers({
    etag,
    "last-modified": new Date(modifiedMs).toUTCString(),
    "accept-ranges": "bytes",
  });
  if (contentType !== undefined) given.set("content-type", contentType);
  if (contentDisposition !== undefined) given.set("content-disposition", contentDisposition);
  if (cacheControl !== undefined) given.set("cache-control", cacheControl);
  const range = /^bytes=(\d+)-(\d*)$/.exec(asked.get("range") ?? "");
  const from = Number(range?.[1] ?? 0);
  const to = Math.min(range?.[2] ? Number(range[2]) : Infinity, body.length - 1);
  const bytes = Uint8Array.from(body.subarray(from, to + 1));
  if (range !== null) given.set("content-range", `bytes ${from}-${to}/${body.length}`);
  given.set("content-length", String(bytes.length));
  return new Response(method === "HEAD" ? null : bytes, {
    status: range === null ? 200 : 206,
    headers: given,
  });
}

/** A request as a server of S3 sees it. */
export type S3HttpRequest = { method: string; url: string; headers: Record<string, string> };

const httpRequests = {
  get: ["GET", ""],
  head: ["HEAD", ""],
  delete: ["DELETE", ""],
  put: ["PUT", ""],
  list: ["GET", "?list-type=2"],
  "create-upload": ["POST", "?uploads"],
  "upload-part": ["PUT", "?uploadId"],
  "complete-upload": ["POST", "?uploadId"],
  "abort-upload": ["DELETE", "?uploadId"],
} as const;

/** Describes the HTTP request by which the SDK sends a command. */
export function describeHttpRequest(request: S3Request): S3HttpRequest {
  const [method, query] = httpRequests[request.kind];
  const path = "key" in request ? `/${request.key}` : "/";
  const prefix = "prefix" in request ? `&prefix=${encodeURIComponent(request.prefix)}` : "";
  const { ifMatch, ifNoneMatch } = "condition" in request ? request.condition : {};
  const headers = {
    ...(ifMatch !== undefined && { "if-match": ifMatch }),
    ...(ifNoneMatch !== undefined && { "if-none-match": ifNoneMatch }),
  };
  return { method, url: `/bucket${path}${query}${prefix}`, headers };
}
