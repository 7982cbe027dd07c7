import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { checkTime, type Claim, readClaim } from "./s3-signature--claim.ts";
import { refuse } from "./s3rver--error.ts";
import { compareBytes, decode, encode, encodeQuery, type Pair } from "./s3rver--query.ts";

export type Keys = { accessKeyId: string; secretAccessKey: string };

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html */
export function verifySignature(request: IncomingMessage, query: Pair[], keys: Keys): void {
  const claim = readClaim(request.headers, query);
  const [accessKeyId = "", , region = ""] = claim.credential.split("/");
  if (accessKeyId !== keys.accessKeyId) throw refuse("InvalidAccessKeyId", "The access key is unknown.");
  demandSignedHeaders(request, claim);

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

/** The body's digest is in every signature, whether its header is named or not. */
function demandSignedHeaders({ headers }: IncomingMessage, { names }: Claim): void {
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
    ...names.map((name) => `${name}:${tidy(headers[name]?.toString())}`),
    "",
    names.join(";"),
    headers["x-amz-content-sha256"] ?? "UNSIGNED-PAYLOAD",
  ].join("\n");
}

function tidy(value = ""): string {
  return value.trim().replace(/\s+/g, " ");
}

function sign(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
