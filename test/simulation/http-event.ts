import type { HttpEvent } from "../../functions/api/http-messages.ts";

/** A request of a user. `query` begins without a question mark. */
export type UserRequest = {
  method: "GET" | "POST" | "DELETE";
  path: string;
  query?: string;
  headers?: Record<string, string>;
  body?: unknown;
};

type Arrival = { token: string; requestId: string; nowMs: number };

/** Makes the event that the function URL passes to the function for the request. Links need no token, and get none. */
export function describeHttpEvent({
  method,
  path,
  query = "",
  headers = {},
  body,
  token,
  requestId,
  nowMs,
}: UserRequest & Arrival): HttpEvent {
  const domainName = "reports.test";
  const sourceIp = "192.0.2.1";
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: path,
    rawQueryString: query,
    headers: {
      host: domainName,
      "x-forwarded-proto": "https",
      ...(!path.startsWith("/s/") && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
    requestContext: {
      accountId: "anonymous",
      apiId: "http",
      domainName,
      domainPrefix: "reports",
      http: { method, path, protocol: "HTTP/1.1", sourceIp, userAgent: "simulation" },
      requestId,
      routeKey: "$default",
      stage: "$default",
      time: "",
      timeEpoch: nowMs,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    isBase64Encoded: false,
  };
}
