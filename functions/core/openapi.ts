import { operations } from "./operations.ts";
import { describeSchemas } from "./schema.ts";
import { version } from "./version.ts";

const about =
  "Makes a spreadsheet of the offers of a customer portal. What takes GET takes HEAD, and every path tells by OPTIONS " +
  "what it takes. Every failure is a problem (RFC 9457), but for what AWS answers in this API's place: 429 when too " +
  "many ask at once, 413 to more than 6 MB, 502 when the function dies.";

/** The API as OpenAPI 3.1 describes one. */
export function describeApi() {
  return {
    openapi: "3.1.1",
    info: { title: "offer-export", version, description: about, license: { name: "MIT", identifier: "MIT" } },
    servers: [{ url: "/", description: "Where this document came from." }],
    security: [{ accessToken: [] }],
    paths: listPaths(),
    components: {
      schemas: describeSchemas(),
      securitySchemes: {
        accessToken: { type: "http", scheme: "bearer", description: "One of the deployment's ACCESS_TOKEN." },
      },
    },
  };
}

function listPaths() {
  const paths: Record<string, Record<string, object>> = {};
  for (const [name, operation] of Object.entries(operations)) {
    const [method = "", path = ""] = name.split(" ");
    paths[path] = { ...paths[path], [method.toLowerCase()]: operation };
  }
  return paths;
}
