import { version } from "../settings/setting-defaults.ts";
import { routeOperations } from "./openapi-operations.ts";
import { describeSchemas, headerParameter, jsonContent } from "./openapi-parts.ts";
import { splitRouteName } from "./routes.ts";

const about =
  "Makes a spreadsheet of the offers of a customer portal. HEAD is served wherever GET is, and OPTIONS lists the methods " +
  "of a path. Every failure is a problem (RFC 9457). Only AWS answers otherwise, in the API's place: 429 for too many " +
  "requests at once, 413 for more than 6 MB, 502 when the function dies.";

/** Describes the request that each address in the setting WEBHOOKS gets when an export has ended. */
const exportEnded = {
  operationId: "tellEnd",
  summary: "Sent when an export has ended",
  description:
    "Signed as Standard Webhooks describes, with the deployment's WEBHOOK_SECRET. An event may come twice, with the same " +
    "`webhook-id`. It is sent again later after 408, 425, 429, 3xx, 5xx or no answer within 10 seconds.",
  security: [],
  parameters: [
    header("webhook-id", "The id of the event, the same at each try.", { type: "string" }),
    header("webhook-timestamp", "The time of sending, in seconds since 1970.", { type: "integer" }),
    header(
      "webhook-signature",
      "`v1,` and the base64 of the HMAC-SHA256 of `<id>.<timestamp>.<body>`, for each secret.",
      {
        type: "string",
      },
    ),
  ],
  requestBody: { required: true, content: jsonContent("ExportEvent") },
  responses: { "2XX": { description: "The event is taken." } },
};

function header(name: string, description: string, schema: object) {
  return { ...headerParameter(name, description, schema), required: true };
}

/** Returns the API's OpenAPI 3.1 document. */
export function describeApi() {
  return {
    openapi: "3.1.1",
    info: { title: "offer-export", version, description: about, license: { name: "MIT", identifier: "MIT" } },
    servers: [{ url: "/", description: "The deployment that serves this document." }],
    security: [{ accessToken: [] }],
    paths: listPaths(),
    webhooks: { exportEnded: { post: exportEnded } },
    components: {
      schemas: describeSchemas(),
      securitySchemes: {
        accessToken: {
          type: "http",
          scheme: "bearer",
          description: "One of the tokens in the deployment's ACCESS_TOKEN.",
        },
        portalSecret: {
          type: "apiKey",
          in: "header",
          name: "X-Webhook-Signature",
          description:
            "The portal's secret for this type of webhook, as in the deployment's PORTAL_WEBHOOK_SECRETS.",
        },
      },
    },
  };
}

function listPaths() {
  const paths: Record<string, Record<string, object>> = {};
  for (const [name, operation] of Object.entries(routeOperations)) {
    const { method, path } = splitRouteName(name);
    paths[path] = { ...paths[path], [method.toLowerCase()]: operation };
  }
  return paths;
}
