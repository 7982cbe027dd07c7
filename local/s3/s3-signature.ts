import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { openBody } from "./s3-body.ts";
import {
  compareBytes,
  decode,
  encode,
  encodeQuery,
  type Middleware,
  type Pair,
  parseQuery,
  refuse,
} from "./s3rver-parts.ts";

export type Keys = { accessKeyId: string; secretAccessKey: string };

/**
 * Throws when a signature is not valid:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
 */
function verifySignature(request: IncomingMessage, query: Pair[], keys: Keys): void {
  const claim = readClaim(request.headers, query);
  const [accessKeyId = "", , region = ""] = claim.credential.split("/");
  if (accessKeyId !== keys.accessKeyId) throw refuse("InvalidAccessKeyId", "The access key is unknown.");
  checkSignedHeaders(request, claim);

  const scope = [claim.date.slice(0, 8), region, "s3", "aws4_request"];
  const hash = createHash("sha256")
    .update(describeCanonically(request, query, claim.names))
    .digest("hex");
  const key = scope.reduce<string | Buffer>(sign, `AWS4${keys.secretAccessKey}`);
  const expected = sign(key, ["AWS4-HMAC-SHA256", claim.date, scope.join("/"), hash].join("\n"));
  const given = Buffer.from(claim.signature, "hex");
  const isScoped = claim.credential === [accessKeyId, ...scope].join("/");
  if (!isScoped || given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw refuse("SignatureDoesNotMatch", "The signature does not match the request.");
  }
  checkTime(claim);
}

/**
 * Throws when Host or an x-amz-* header is not signed, as S3 does. The header with the body's digest may be unsigned,
 * because the digest itself is part of every signature.
 */
function checkSignedHeaders({ headers }: IncomingMessage, { names }: Claim): void {
  const unsigned = Object.keys(headers)
    .filter((name) => name === "host" || name.startsWith("x-amz-"))
    .filter((name) => !names.includes(name) && name !== "x-amz-content-sha256");
  if (unsigned.length > 0) throw refuse("AccessDenied", `Headers are not signed: ${unsigned.join(", ")}`);
}

function describeCanonically(
  { method, url = "/", headers }: IncomingMessage,
  query: Pair[],
  names: string[],
) {
  const [path = ""] = url.split("?");
  const signedQuery = query.filter(([name]) => name !== "X-Amz-Signature");
  return [
    method,
    path
      .split("/")
      .map((part) => encode(decode(part)))
      .join("/"),
    encodeQuery(signedQuery.toSorted((one, other) => compareBytes(one.join("\0"), other.join("\0")))),
    ...names.map((name) => `${name}:${collapseSpaces(headers[name]?.toString())}`),
    "",
    names.join(";"),
    headers["x-amz-content-sha256"] ?? "UNSIGNED-PAYLOAD",
  ].join("\n");
}

function collapseSpaces(value = ""): string {
  return value.trim().replace(/\s+/g, " ");
}

function sign(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

/**
 * A signature from the Authorization header or a presigned link. `seconds` is how long the link is valid; null for a
 * header.
 */
export type Claim = {
  credential: string;
  date: string;
  names: string[];
  signature: string;
  seconds: number | null;
};

const skewMs = 15 * 60_000; // S3's tolerance of an inaccurate client clock
const maxLinkSeconds = 7 * 24 * 3600; // S3's limit on X-Amz-Expires
const header =
  /^AWS4-HMAC-SHA256 Credential=(?<credential>[^,]+),\s*SignedHeaders=(?<names>[^,]+),\s*Signature=(?<signature>\w+)$/;

function readClaim(headers: IncomingHttpHeaders, query: Pair[]): Claim {
  const { authorization } = headers;
  const link = Object.fromEntries(query);
  if (authorization !== undefined && "X-Amz-Algorithm" in link) {
    throw refuse("InvalidArgument", "Only one auth mechanism allowed");
  }
  const parts: Record<string, string | undefined> =
    authorization === undefined
      ? {
          credential: link["X-Amz-Credential"],
          names: link["X-Amz-SignedHeaders"],
          signature: link["X-Amz-Signature"],
          date: link["X-Amz-Date"],
        }
      : { ...header.exec(authorization)?.groups, date: headers["x-amz-date"]?.toString() };
  const { credential, names, signature, date } = parts;
  if (!credential || !names || !signature || !date) throw refuse("AccessDenied", "Access Denied");
  const seconds = authorization === undefined ? Number(link["X-Amz-Expires"]) : null;
  return { credential, date, names: names.split(";"), signature, seconds };
}

function checkTime({ date, seconds }: Claim): void {
  const signedMs = Date.parse(date.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  const ageMs = Date.now() - signedMs;
  if (seconds === null) {
    if (Math.abs(ageMs) <= skewMs) return;
    throw refuse("RequestTimeTooSkewed", "The request's time is too far from the server's.");
  }
  if (!(seconds > 0 && seconds <= maxLinkSeconds)) {
    throw refuse("AuthorizationQueryParametersError", "X-Amz-Expires must be between 1 and 604800");
  }
  if (ageMs >= -skewMs && ageMs <= seconds * 1000) return;
  throw refuse("AccessDenied", "Request has expired");
}

/**
 * Verifies the signature of a request in place of s3rver, because s3rver's check is weaker than S3's. Then removes the
 * signature, so that s3rver does not check it again.
 */
export function checkSignature(keys: Keys): Middleware {
  return async (call, next) => {
    const query = parseQuery(call.originalUrl);
    verifySignature(call.request.req, query, keys);
    call.state.account = keys;
    call.req = openBody(call.request.req);
    delete call.headers.authorization;
    call.querystring = encodeQuery(query.filter(([name]) => !/^x-amz-/i.test(name)));
    // Removes the slash with which the SDK ends a bucket's path, because s3rver would read the slash as a key.
    call.path = call.path.replace(/^(\/[^/]+)\/$/, "$1");
    await next();
  };
}
