import { maxWaitSeconds } from "./http-headers.ts";
import { exampleCheck, exampleOptions, exampleRunningExport, exampleShare } from "./openapi-examples.ts";
import {
  acceptedResponse,
  badOptionsResponse,
  bodyResponses,
  finishedResponse,
  guardedResponses,
  headerParameter,
  jsonContent,
  locationHeader,
  type Operation,
  orPageResponse,
  pageContent,
  pathParameter,
  problemResponse,
  queryParameters,
  redirectResponse,
  retryAfterHeader,
  storingResponses,
} from "./openapi-parts.ts";
import type { RouteName } from "./routes.ts";

const text = { type: "string" };

const prefer = headerParameter(
  "Prefer",
  `RFC 7240: \`wait=N\` waits up to N seconds for the export to finish, ${maxWaitSeconds} at most; \`respond-async\` ` +
    "does not wait.",
  text,
);

const idempotencyKey = headerParameter(
  "Idempotency-Key",
  "The same key gives the same export, in whatever state it is.",
  { type: "string", minLength: 1, maxLength: 255, pattern: "^[!-~][ -~]*$" },
);

const exportId = pathParameter("id", "The export's.");

const noExport = problemResponse("There is no such export.");
const noShare = problemResponse("There is no such permanent link, or it has been revoked.");

/** The description of every route, in the order in which the OpenAPI document lists the routes. */
export const routeOperations = {
  "GET /": {
    operationId: "listRoutes",
    summary: "List the routes, or show the page",
    description:
      "A browser without an access token gets the page, here and at every other path that takes GET, and with 404 elsewhere.",
    security: [{ accessToken: [] }, {}],
    responses: {
      ...guardedResponses,
      200: {
        description: "The routes; the page for `Accept: text/html` without an access token.",
        headers: { ETag: { description: "The page's.", schema: text } },
        content: { ...jsonContent("RouteIndex"), ...pageContent },
      },
      304: { description: "The page is what `If-None-Match` says." },
    },
  },
  "GET /export": {
    operationId: "makeExport",
    summary: "Make an export and wait for it",
    description:
      "The same options within `maxAge` give the same export, so a repeated request starts nothing new; after a " +
      `failure it tries again. Waits ${maxWaitSeconds} seconds unless \`Prefer\` says otherwise.`,
    parameters: [...queryParameters(), prefer],
    responses: {
      ...guardedResponses,
      200: finishedResponse,
      202: acceptedResponse,
      302: redirectResponse("To the file: `redirect=true` was given."),
      400: badOptionsResponse,
      502: problemResponse(
        "The export has failed, by the portal as a rule, or the storage or the workflow has.",
      ),
    },
  },
  "GET /exports": {
    operationId: "listExports",
    summary: "List the newest exports, newest first",
    responses: {
      ...storingResponses,
      200: { description: "At most 50.", content: jsonContent("ExportList") },
    },
  },
  "POST /exports": {
    operationId: "startExport",
    summary: "Start an export",
    description: "Answers at once unless `Prefer` says otherwise.",
    parameters: [prefer, idempotencyKey],
    requestBody: { required: false, content: jsonContent("ExportOptions", exampleOptions) },
    responses: {
      ...guardedResponses,
      ...bodyResponses,
      200: { description: "The export is finished already.", content: jsonContent("Export") },
      202: acceptedResponse,
      400: badOptionsResponse,
      410: problemResponse("The export of this `Idempotency-Key` has been cleaned up."),
      422: problemResponse("The `Idempotency-Key` belongs to another request."),
      502: problemResponse("The storage or the workflow did not do as it was asked."),
    },
  },
  "GET /exports/{id}": {
    operationId: "showExport",
    summary: "Show an export, in whatever state it is",
    parameters: [exportId],
    responses: {
      ...storingResponses,
      200: {
        description: "The export; while it runs with `Retry-After`.",
        headers: { "Retry-After": { ...retryAfterHeader, required: false } },
        content: jsonContent("Export", exampleRunningExport),
      },
      404: noExport,
    },
  },
  "DELETE /exports/{id}": {
    operationId: "removeExport",
    summary: "Cancel an export, or remove what it made",
    description:
      "Ends it where it runs; removes its file, and its snapshot unless another export needs it. It stays in the " +
      "list, with `isDeleted`. May be said twice.",
    parameters: [exportId],
    responses: { ...storingResponses, 204: { description: "It is gone." }, 404: noExport },
  },
  "GET /exports/{id}/file": {
    operationId: "openFile",
    summary: "Open an export's file",
    description: "HEAD gets a link of its own.",
    parameters: [exportId],
    responses: {
      ...storingResponses,
      302: redirectResponse("To a link that is freshly signed, for the method of the request."),
      404: noExport,
      409: problemResponse("There is no file: the export is under way, or it has failed."),
      410: problemResponse("The file has been cleaned up."),
    },
  },
  "GET /shares": {
    operationId: "listShares",
    summary: "List the permanent links, newest first",
    responses: {
      ...storingResponses,
      200: { description: "Without what opens them.", content: jsonContent("ShareList") },
    },
  },
  "POST /shares": {
    operationId: "makeShare",
    summary: "Make a permanent link to options",
    description: "Its `maxAge` is an hour at least, since anything may open a link.",
    requestBody: { required: true, content: jsonContent("ShareRequest", exampleShare) },
    responses: {
      ...storingResponses,
      ...bodyResponses,
      201: {
        description: "The link, this once.",
        headers: { Location: locationHeader("Its path.") },
        content: jsonContent("MadeShare"),
      },
      400: badOptionsResponse,
      409: problemResponse("There are as many as there may be."),
    },
  },
  "DELETE /shares/{id}": {
    operationId: "revokeShare",
    summary: "Revoke a permanent link",
    parameters: [pathParameter("id", "The link's, which its list tells.")],
    responses: { ...storingResponses, 204: { description: "From now on it is refused." }, 404: noShare },
  },
  "GET /s/{token}": {
    operationId: "openShare",
    summary: "Open a permanent link",
    description:
      "Gives the newest report of its options. A browser gets the page instead of an answer other than the file's; " +
      "`Accept: application/json` gets the export as `GET /export` answers it.",
    security: [],
    parameters: [pathParameter("token", "What the link ends in."), prefer],
    responses: {
      200: { description: "The export, for `Accept: application/json`.", content: jsonContent("Export") },
      202: orPageResponse({
        ...acceptedResponse,
        headers: { "Retry-After": { ...retryAfterHeader, required: false } },
      }),
      302: redirectResponse("To the file, by a link that is good for a minute.", {
        "X-Offers-Snapshot-At": {
          description: "When the portal had been read.",
          required: true,
          schema: { type: "string", format: "date-time" },
        },
      }),
      404: orPageResponse(noShare),
      410: orPageResponse(problemResponse("It has expired.")),
      502: orPageResponse(
        problemResponse("The report could not be made, and there is no earlier one to stand in for it."),
      ),
      503: problemResponse("The report is not ready, and there is no earlier one to stand in for it.", {
        "Retry-After": retryAfterHeader,
      }),
      default: guardedResponses.default,
    },
  },
  "POST /portal/{type}": {
    operationId: "takeNotice",
    summary: "Be told of offers by the portal's webhooks",
    description:
      "Each `off_…` in the body, of whatever form, names an offer that the next refresh reads again. It may be told " +
      "twice.",
    security: [{ portalSecret: [] }],
    parameters: [pathParameter("type", "The webhook's, as the portal calls it, such as `offer-accepted`.")],
    requestBody: { required: false, content: { "application/json": { schema: {} } } },
    responses: {
      204: { description: "It has come." },
      403: problemResponse("It lacks the secret of its type."),
      404: problemResponse("No webhook of that type is expected."),
      413: bodyResponses[413],
      502: storingResponses[502],
      default: guardedResponses.default,
    },
  },
  "GET /check": {
    operationId: "checkSetup",
    summary: "Check what works, and what to do about what does not",
    description:
      "Asks the portal for two things at most, once a minute, and for nothing while an export reads it. 200 whatever " +
      "it finds.",
    responses: {
      ...guardedResponses,
      200: { description: "What was found.", content: jsonContent("Check", exampleCheck) },
    },
  },
  "GET /openapi.json": {
    operationId: "describeApi",
    summary: "Describe this API",
    responses: {
      ...guardedResponses,
      200: { description: "This document.", content: { "application/json": { schema: { type: "object" } } } },
    },
  },
} as const satisfies Record<RouteName, Operation>;
