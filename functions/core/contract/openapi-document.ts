import { version } from "../settings/setting-defaults.ts";
import { routeOperations } from "./openapi-operations.ts";
import { describeSchemas, headerParameter, jsonContent } from "./openapi-parts.ts";
import { splitRouteName } from "./routes.ts";

const about =
  "Makes a spreadsheet of the offers of a customer portal. What takes GET takes HEAD, and every path tells by OPTIONS " +
  "what it takes. Every failure is a problem (RFC 9457), but for what AWS answers in this API's place: 429 when too " +
  "many ask at once, 413 to more than 6 MB, 502 when the function dies.";

/** Describes the request that each address in the setting WEBHOOKS gets when an export has ended. */
const exportEnded = {
  operationId: "tellEnd",
  summary: "Told when an export has ended",
  description:
    "Signed as Standard Webhooks has it, with the deployment's WEBHOOK_SECRET. It may come twice, with the same " +
    "`webhook-id`, and comes again later after 408, 425, 429, 3xx, 5xx or no answer within 10 seconds.",
  security: [],
  parameters: [
    header("webhook-id", "The same at each try.", { type: "string" }),
    header("webhook-timestamp", "When this was sent, in seconds since 1970.", { type: "integer" }),
    header(
      "webhook-signature",
      "`v1,` and the base64 of the HMAC-SHA256 of `<id>.<timestamp>.<body>`, for each secret.",
      {
        type: "string",
      },
    ),
  ],
  requestBody: { required: true, content: jsonContent("ExportEvent") },
  responses: { "2XX": { description: "It has come." } },
};

function header(name: string, description: string, schema: object) {
  return { ...headerParameter(name, description, schema), required: true };
}

/** Returns the API's OpenAPI 3.1 document. */
export function describeApi() {
  return {
    openapi: "3.1.1",
    info: { title: "offer-export", version, description: about, license: { name: "MIT", identifier: "MIT" } },
    servers: [{ url: "/", description: "Where this document came from." }],
    security: [{ accessToken: [] }],
    paths: listPaths(),
    webhooks: { exportEnded: { post: exportEnded } },
    components: {
      schemas: describeSchemas(),
      securitySchemes: {
        accessToken: { type: "http", scheme: "bearer", description: "One of the deployment's ACCESS_TOKEN." },
        portalSecret: {
          type: "apiKey",
          in: "header",
          name: "X-Webhook-Signature",
          description: "What the portal gave out for a webhook, in the deployment's PORTAL_WEBHOOK_SECRETS.",
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
