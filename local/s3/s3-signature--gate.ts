import { openBody } from "./s3-body.ts";
import { encodeQuery, parseQuery } from "./s3rver--query.ts";
import type { Middleware } from "./s3rver.ts";
import { type Keys, verifySignature } from "./s3-signature.ts";

/** Lets s3rver see signed requests only, without their signature: it checks less than S3 does. */
export function admitSigned(keys: Keys): Middleware {
  return async (call, next) => {
    const query = parseQuery(call.originalUrl);
    verifySignature(call.request.req, query, keys);
    call.state.account = keys;
    call.req = openBody(call.request.req);
    delete call.headers.authorization;
    call.querystring = encodeQuery(query.filter(([name]) => !/^x-amz-/i.test(name)));
    // the SDK ends a bucket's path in a slash, which s3rver takes for a key
    call.path = call.path.replace(/^(\/[^/]+)\/$/, "$1");
    await next();
  };
}
