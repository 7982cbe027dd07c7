import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Context } from "aws-lambda";

// The content types that AWS passes to a function as text. AWS passes all other types, such as forms, in base64.
const textType = /^(text\/|application\/(json|javascript|xml)\s*(;|$))/i;
const hopHeaders = new Set(["connection", "keep-alive", "transfer-encoding", "upgrade"]);

/** The part of a request of which the event is made. */
export type UrlRequest = Pick<IncomingMessage, "method" | "url" | "httpVersion" | "headersDistinct"> & {
  socket: Pick<IncomingMessage["socket"], "remoteAddress" | "localPort">;
};

type Arrival = { functionName: string; requestId: string; nowMs: number };

/**
 * Makes the event of a function URL:
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-request-payload
 */
export function describeRequest(
  request: UrlRequest,
  body: Buffer,
  { functionName, requestId, nowMs }: Arrival,
) {
  const [rawPath = "/", ...query] = (request.url ?? "/").split("?");
  const rawQueryString = query.join("?");
  const sourceIp = request.socket.remoteAddress ?? "";
  const headers = collectHeaders(request, sourceIp, nowMs);
  const queryStringParameters = collectParameters(rawQueryString);
  const isText = textType.test(headers["content-type"] ?? "");
  return {
    version: "2.0",
    routeKey: "$default",
    // Function URLs leave the path percent-encoded, unlike API Gateway's HTTP APIs.
    rawPath,
    rawQueryString,
    // Function URLs give cookies twice: in this field and in `headers.cookie`.
    ...(headers["cookie"] && { cookies: headers["cookie"].split(/;\s*/).filter(Boolean) }),
    headers,
    ...(queryStringParameters && { queryStringParameters }),
    requestContext: {
      accountId: "anonymous",
      apiId: functionName,
      authentication: null,
      authorizer: null,
      domainName: headers["host"] ?? "",
      domainPrefix: functionName,
      http: {
        method: request.method ?? "GET",
        path: rawPath,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp,
        userAgent: headers["user-agent"] ?? "",
      },
      requestId,
      routeKey: "$default",
      stage: "$default",
      time: formatTime(nowMs),
      timeEpoch: nowMs,
    },
    ...(body.length > 0 && { body: body.toString(isText ? "utf8" : "base64") }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

function collectHeaders(request: UrlRequest, sourceIp: string, nowMs: number) {
  const headers: Record<string, string> = {};
  for (const [name, values = []] of Object.entries(request.headersDistinct)) {
    if (!hopHeaders.has(name)) headers[name] = values.join(name === "cookie" ? "; " : ",");
  }
  const forwardedFor = headers["x-forwarded-for"];
  headers["x-forwarded-for"] = forwardedFor ? `${forwardedFor}, ${sourceIp}` : sourceIp;
  headers["x-forwarded-proto"] = "http";
  headers["x-forwarded-port"] = String(request.socket.localPort);
  headers["x-amzn-trace-id"] =
    `Root=1-${Math.floor(nowMs / 1000).toString(16)}-${randomBytes(12).toString("hex")}`;
  return headers;
}

function collectParameters(rawQueryString: string) {
  const query = new URLSearchParams(rawQueryString);
  if (query.size === 0) return undefined;
  return Object.fromEntries([...query.keys()].map((name) => [name, query.getAll(name).join(",")]));
}

/** Formats `requestContext.time`, which uses the common log format. */
function formatTime(nowMs: number): string {
  const [, day, month, year, time] = new Date(nowMs).toUTCString().split(" ");
  return `${day}/${month}/${year}:${time} +0000`;
}

type Invocation = { functionName: string; requestId: string; timeoutMs: number; clock: () => number };

const ignore = () => undefined;

export function describeContext({ functionName, requestId, timeoutMs, clock }: Invocation): Context {
  const deadlineMs = clock() + timeoutMs;
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName,
    functionVersion: "$LATEST",
    invokedFunctionArn: `arn:aws:lambda:local:000000000000:function:${functionName}`,
    memoryLimitInMB: "1024",
    awsRequestId: requestId,
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: "local",
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - clock()),
    done: ignore,
    fail: ignore,
    succeed: ignore,
  };
}
