import { checked, finishedExport, options, runningExport } from "./example.ts";
import {
  headerParameter,
  json,
  type Operation,
  pathParameter,
  problem,
  queryParameters,
  redirect,
} from "./operation.ts";
import { mostWaitSeconds } from "./prefer.ts";
import type { Route } from "./route.ts";

const text = { type: "string" };

const prefer = headerParameter(
  "Prefer",
  `RFC 7240: \`wait=N\` waits up to N seconds for the export to finish, ${mostWaitSeconds} at most; \`respond-async\` ` +
    "does not wait.",
  text,
);

const idempotencyKey = headerParameter(
  "Idempotency-Key",
  "The same key gives the same export, in whatever state it is.",
  { type: "string", minLength: 1, maxLength: 255, pattern: "^[!-~][ -~]*$" },
);

const exportId = pathParameter("id", "The export's.");

const guarded = {
  401: problem("No access token, or a wrong one.", {
    "WWW-Authenticate": { description: "How to present one.", required: true, schema: text },
  }),
  default: problem("405 where the path takes other methods only, 500 for a fault of the API's own.", {
    Allow: { description: "With 405: the methods that the path takes.", schema: text },
  }),
};

const storing = { ...guarded, 502: problem("The storage did not do as it was asked.") };

const badOptions = problem("Every bad parameter is named in `errors`.");
const noExport = problem("There is no such export.");

const retryAfter = {
  description: "Seconds after which there may be something new.",
  schema: { type: "integer", minimum: 0 },
} as const;

const accepted = {
  description: "The export is under way.",
  headers: {
    Location: {
      description: "Where the export can be followed.",
      required: true,
      schema: { type: "string", format: "uri-reference" },
    },
    "Retry-After": { ...retryAfter, required: true },
  },
  content: json("Export", runningExport),
} as const;

/** Every route by its method and path, in which a part in braces stands for any; `api.ts` has the handlers. */
export const operations = {
  "GET /": {
    operationId: "listRoutes",
    summary: "List the routes, or show the page",
    description:
      "A browser without an access token gets the page, here and at every other path that takes GET.",
    security: [{ accessToken: [] }, {}],
    responses: {
      ...guarded,
      200: {
        description: "The routes; the page for `Accept: text/html` without an access token.",
        headers: { ETag: { description: "The page's.", schema: text } },
        content: { ...json("RouteIndex"), "text/html": { schema: text } },
      },
      304: { description: "The page is what `If-None-Match` says." },
    },
  },
  "GET /export": {
    operationId: "makeExport",
    summary: "Make an export and wait for it",
    description:
      "The same options within `maxAge` give the same export, so a repeated request starts nothing new; after a " +
      `failure it tries again. Waits ${mostWaitSeconds} seconds unless \`Prefer\` says otherwise.`,
    parameters: [...queryParameters(), prefer],
    responses: {
      ...guarded,
      200: { description: "The export has succeeded.", content: json("Export", finishedExport) },
      202: accepted,
      302: redirect("To the file: `redirect=true` was given."),
      400: badOptions,
      502: problem("The export has failed, by the portal as a rule, or the storage or the workflow has."),
    },
  },
  "GET /exports": {
    operationId: "listExports",
    summary: "List the newest exports, newest first",
    responses: { ...storing, 200: { description: "At most 50.", content: json("ExportList") } },
  },
  "POST /exports": {
    operationId: "startExport",
    summary: "Start an export",
    description: "Answers at once unless `Prefer` says otherwise.",
    parameters: [prefer, idempotencyKey],
    requestBody: { required: false, content: json("ExportOptions", options) },
    responses: {
      ...guarded,
      200: { description: "The export is finished already.", content: json("Export") },
      202: accepted,
      400: badOptions,
      410: problem("The export of this `Idempotency-Key` has been cleaned up."),
      422: problem("The `Idempotency-Key` belongs to another request."),
      502: problem("The storage or the workflow did not do as it was asked."),
    },
  },
  "GET /exports/{id}": {
    operationId: "showExport",
    summary: "Show an export, in whatever state it is",
    parameters: [exportId],
    responses: {
      ...storing,
      200: {
        description: "The export; while it runs with `Retry-After`.",
        headers: { "Retry-After": retryAfter },
        content: json("Export", runningExport),
      },
      404: noExport,
    },
  },
  "DELETE /exports/{id}": {
    operationId: "removeExport",
    summary: "Cancel an export, or remove what it made",
    description:
      "Ends it where it runs; removes its file, and its snapshot unless another export needs it. It stays in the " +
      "list. May be said twice.",
    parameters: [exportId],
    responses: { ...storing, 204: { description: "It is gone." }, 404: noExport },
  },
  "GET /exports/{id}/file": {
    operationId: "openFile",
    summary: "Open an export's file",
    description: "HEAD gets a link of its own.",
    parameters: [exportId],
    responses: {
      ...storing,
      302: redirect("To a link that is freshly signed, for the method of the request."),
      404: noExport,
      409: problem("There is no file: the export is under way, or it has failed."),
      410: problem("The file has been cleaned up."),
    },
  },
  "GET /check": {
    operationId: "checkSetup",
    summary: "Check what works, and what to do about what does not",
    description:
      "Asks the portal for two things at most, once a minute, and for nothing while an export reads it. 200 whatever " +
      "it finds.",
    responses: { ...guarded, 200: { description: "What was found.", content: json("Check", checked) } },
  },
  "GET /openapi.json": {
    operationId: "describeApi",
    summary: "Describe this API",
    responses: {
      ...guarded,
      200: { description: "This document.", content: { "application/json": { schema: { type: "object" } } } },
    },
  },
} as const satisfies Record<`${Route["method"]} /${string}`, Operation>;

/** A route that has a description. */
export type DescribedRoute = RouteOf<keyof typeof operations>;

type RouteOf<Name extends string> = Name extends `${infer Method} ${infer Path}`
  ? { method: Method; path: Path }
  : never;
