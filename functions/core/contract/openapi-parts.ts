import { exampleFinishedExport, exampleRunningExport } from "./openapi-examples.ts";
import { type OpenApiContent, type OpenApiHeaders, jsonContent, type OpenApiResponse } from "./openapi-parts--operation.ts";

/** What several routes answer. */

const text = { type: "string" };

/** Where the API shows a path of its own. */
const place = { type: "string", format: "uri-reference" };

export function problemResponse(description: string, headers: OpenApiHeaders = {}): OpenApiResponse {
  return { description, headers, content: jsonContent("Problem", undefined, "application/problem+json") };
}

export function redirectResponse(description: string, headers: OpenApiHeaders = {}): OpenApiResponse {
  const schema = { type: "string", format: "uri" };
  return {
    description,
    headers: { Location: { description: "The link.", required: true, schema }, ...headers },
  };
}

/** A browser is told by the page. */
export function orPageResponse(answer: OpenApiResponse): OpenApiResponse {
  return { ...answer, content: { ...answer.content, ...pageContent } };
}

export const pageContent: OpenApiContent = { "text/html": { schema: text } };

export const locationHeader = (description: string) => ({ description, required: true, schema: place });

export const retryAfterHeader = {
  description: "Seconds after which there may be something new.",
  required: true,
  schema: { type: "integer", minimum: 0 },
};

export const finishedResponse = { description: "The export has succeeded.", content: jsonContent("Export", exampleFinishedExport) };

export const acceptedResponse = {
  description: "The export is under way.",
  headers: { Location: locationHeader("Where the export can be followed."), "Retry-After": retryAfterHeader },
  content: jsonContent("Export", exampleRunningExport),
};

export const badOptionsResponse = problemResponse("Every bad parameter is named in `errors`.");

export const guardedResponses = {
  401: problemResponse("No access token, or a wrong one.", {
    "WWW-Authenticate": { description: "How to present one.", required: true, schema: text },
  }),
  default: problemResponse("405 where the path takes other methods only, 500 for a fault of the API's own.", {
    Allow: { description: "With 405: the methods that the path takes.", schema: text },
  }),
};

export const storingResponses = { ...guardedResponses, 502: problemResponse("The storage did not do as it was asked.") };

/** What a body may be. */
export const bodyResponses = {
  413: problemResponse("The body is larger than 64 KB."),
  415: problemResponse("The body is no `application/json`."),
};
