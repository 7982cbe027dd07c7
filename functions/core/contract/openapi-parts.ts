import { finishedExport, runningExport } from "./openapi-examples.ts";
import { type Content, type Headers, json, type Response } from "./openapi-parts--operation.ts";

/** What several routes answer. */

const text = { type: "string" };

/** Where the API shows a path of its own. */
const place = { type: "string", format: "uri-reference" };

export function problem(description: string, headers: Headers = {}): Response {
  return { description, headers, content: json("Problem", undefined, "application/problem+json") };
}

export function redirect(description: string, headers: Headers = {}): Response {
  const schema = { type: "string", format: "uri" };
  return {
    description,
    headers: { Location: { description: "The link.", required: true, schema }, ...headers },
  };
}

/** A browser is told by the page. */
export function orPage(answer: Response): Response {
  return { ...answer, content: { ...answer.content, ...page } };
}

export const page: Content = { "text/html": { schema: text } };

export const location = (description: string) => ({ description, required: true, schema: place });

export const retryAfter = {
  description: "Seconds after which there may be something new.",
  required: true,
  schema: { type: "integer", minimum: 0 },
};

export const made = { description: "The export has succeeded.", content: json("Export", finishedExport) };

export const accepted = {
  description: "The export is under way.",
  headers: { Location: location("Where the export can be followed."), "Retry-After": retryAfter },
  content: json("Export", runningExport),
};

export const badOptions = problem("Every bad parameter is named in `errors`.");

export const guarded = {
  401: problem("No access token, or a wrong one.", {
    "WWW-Authenticate": { description: "How to present one.", required: true, schema: text },
  }),
  default: problem("405 where the path takes other methods only, 500 for a fault of the API's own.", {
    Allow: { description: "With 405: the methods that the path takes.", schema: text },
  }),
};

export const storing = { ...guarded, 502: problem("The storage did not do as it was asked.") };

/** What a body may be. */
export const bodied = {
  413: problem("The body is larger than 64 KB."),
  415: problem("The body is no `application/json`."),
};
