import type { IncomingHttpHeaders } from "node:http";
import { refuse } from "./s3rver--error.ts";
import type { Pair } from "./s3rver--query.ts";

/** What an Authorization header says, or a presigned link's parameters; a link lasts so many seconds. */
export type Claim = {
  credential: string;
  date: string;
  names: string[];
  signature: string;
  seconds: number | null;
};

const skewMs = 15 * 60_000; // S3's tolerance of a client's clock
const maxLinkSeconds = 7 * 24 * 3600; // S3's limit on X-Amz-Expires
const header =
  /^AWS4-HMAC-SHA256 Credential=(?<credential>[^,]+),\s*SignedHeaders=(?<names>[^,]+),\s*Signature=(?<signature>\w+)$/;

export function readClaim(headers: IncomingHttpHeaders, query: Pair[]): Claim {
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

export function checkTime({ date, seconds }: Claim): void {
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
