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
  `RFC 7240. \`wait=N\` waits up to N seconds for the export to finish, at most ${maxWaitSeconds}. ` +
    "`respond-async` does not wait.",
  text,
);

const idempotencyKey = headerParameter(
  "Idempotency-Key",
  "The same key gives the same export in any state, also a failed or a deleted one.",
  { type: "string", minLength: 1, maxLength: 255, pattern: "^[!-~][ -~]*$" },
);

const exportId = pathParameter("id", "The id of the export.");

const noExport = problemResponse("There is no such export.");
const noShare = problemResponse("There is no such permanent link, or it has been revoked.");

/** The description of every route, in the order in which the OpenAPI document lists the routes. */
export const routeOperations = {
  "GET /": {
    operationId: "listRoutes",
    summary: "List the routes, or show the page",
    description:
      "A browser without an access token gets the page, here and at every other path that takes GET. At any other path " +
      "it gets the page with 404.",
    security: [{ accessToken: [] }, {}],
    responses: {
      ...guardedResponses,
      200: {
        description: "The routes, or the page for `Accept: text/html` without an access token.",
        headers: { ETag: { description: "The tag of the page.", schema: text } },
        content: { ...jsonContent("RouteIndex"), ...pageContent },
      },
      304: { description: "The page has the tag in `If-None-Match`." },
    },
  },
  "GET /export": {
    operationId: "makeExport",
    summary: "Make an export and wait for it",
    description:
      "The same options within `maxAge` give the same export, so a repeated request starts nothing new. After a " +
      `failure it tries again. It waits ${maxWaitSeconds} seconds unless \`Prefer\` says otherwise.`,
    parameters: [...queryParameters(), prefer],
    responses: {
      ...guardedResponses,
      200: finishedResponse,
      202: acceptedResponse,
      302: redirectResponse("Leads to the file, with `redirect=true`."),
      400: badOptionsResponse,
      502: problemResponse("The export has failed, or the storage or the workflow has. `code` says which."),
    },
  },
  "GET /exports": {
    operationId: "listExports",
    summary: "List the newest exports, newest first",
    responses: {
      ...storingResponses,
      200: { description: "The 50 newest exports.", content: jsonContent("ExportList") },
    },
  },
  "POST /exports": {
    operationId: "startExport",
    summary: "Start an export",
    description: "It answers at once unless `Prefer` says otherwise.",
    parameters: [prefer, idempotencyKey],
    requestBody: { required: false, content: jsonContent("ExportOptions", exampleOptions) },
    responses: {
      ...guardedResponses,
      ...bodyResponses,
      200: { description: "The export is finished already.", content: jsonContent("Export") },
      202: acceptedResponse,
      400: badOptionsResponse,
      410: problemResponse(
        "The export of this `Idempotency-Key` has been cleaned up, or `mailTo` asks for one that was deleted.",
      ),
      422: problemResponse("The `Idempotency-Key` belongs to another request."),
      502: problemResponse("The storage or the workflow has failed."),
    },
  },
  "GET /exports/{id}": {
    operationId: "showExport",
    summary: "Show an export in any state",
    parameters: [exportId],
    responses: {
      ...storingResponses,
      200: {
        description: "The export. While it runs, the answer has `Retry-After`.",
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
      "An export that runs is cancelled. Its file, figures, changes and recipients are removed, and its snapshot unless " +
      "another export needs it. It stays in the list, with `isDeleted`. The request may be repeated.",
    parameters: [exportId],
    responses: {
      ...storingResponses,
      204: { description: "The export is deleted, now or before." },
      404: noExport,
    },
  },
  "GET /exports/{id}/file": {
    operationId: "openFile",
    summary: "Open an export's file",
    description: "`HEAD` gets a link that is signed for `HEAD`.",
    parameters: [exportId],
    responses: {
      ...storingResponses,
      302: redirectResponse("Leads to a link that is signed anew, for the method of the request."),
      404: noExport,
      409: problemResponse("There is no file: the export has not finished, or it has failed."),
      410: problemResponse("The file has been cleaned up or deleted."),
    },
  },
  "GET /shares": {
    operationId: "listShares",
    summary: "List the permanent links, newest first",
    responses: {
      ...storingResponses,
      200: {
        description: "The links that have not expired, without their tokens.",
        content: jsonContent("ShareList"),
      },
    },
  },
  "POST /shares": {
    operationId: "makeShare",
    summary: "Make a permanent link to options",
    description:
      "Its `maxAge` is at least an hour, because mail scanners and workbooks open links often. Links in mails do not " +
      "count among those that there may be.",
    requestBody: { required: true, content: jsonContent("ShareRequest", exampleShare) },
    responses: {
      ...storingResponses,
      ...bodyResponses,
      201: {
        description: "The link. No other answer has its `url`.",
        headers: { Location: locationHeader("The path of the link.") },
        content: jsonContent("MadeShare"),
      },
      400: badOptionsResponse,
      409: problemResponse("There are as many permanent links as there may be."),
    },
  },
  "DELETE /shares/{id}": {
    operationId: "revokeShare",
    summary: "Revoke a permanent link",
    parameters: [pathParameter("id", "The id of the link, from the list of links.")],
    responses: { ...storingResponses, 204: { description: "The link is revoked." }, 404: noShare },
  },
  "GET /s/{token}": {
    operationId: "openShare",
    summary: "Open a permanent link",
    description:
      "It gives the newest report of its options. A browser gets the page instead of any answer but the file. " +
      "`Accept: application/json` gets the export, as from `GET /export`.",
    security: [],
    parameters: [pathParameter("token", "The end of the link."), prefer],
    responses: {
      200: { description: "The export, for `Accept: application/json`.", content: jsonContent("Export") },
      202: orPageResponse({
        ...acceptedResponse,
        headers: { "Retry-After": { ...retryAfterHeader, required: false } },
      }),
      302: redirectResponse("Leads to the file, by a link that lives for a minute.", {
        "X-Offers-Snapshot-At": {
          description: "When the reading of the portal had ended.",
          required: true,
          schema: { type: "string", format: "date-time" },
        },
      }),
      404: orPageResponse(noShare),
      410: orPageResponse(problemResponse("The link has expired.")),
      502: orPageResponse(
        problemResponse("The report could not be made, and there is no earlier one in its place."),
      ),
      503: problemResponse("The report is not ready, and there is no earlier one in its place.", {
        "Retry-After": retryAfterHeader,
      }),
      default: guardedResponses.default,
    },
  },
  "POST /portal/{type}": {
    operationId: "takeNotice",
    summary: "Receive the portal's webhooks about offers",
    description:
      "Each `off_…` in the body names an offer, which the next refresh reads again. The body may have any form. The " +
      "portal may send a webhook twice.",
    security: [{ portalSecret: [] }],
    parameters: [
      pathParameter("type", "The portal's name for the type of webhook, such as `offer-accepted`."),
    ],
    requestBody: { required: false, content: { "application/json": { schema: {} } } },
    responses: {
      204: { description: "The webhook is taken." },
      403: problemResponse("The secret is missing, or is not that of this type."),
      404: problemResponse("No webhook of this type is expected."),
      413: bodyResponses[413],
      502: storingResponses[502],
      default: guardedResponses.default,
    },
  },
  "GET /check": {
    operationId: "checkSetup",
    summary: "Check the setup, and say how to mend each fault",
    description:
      "It sends the portal at most two requests, once a minute, and none while an export reads it. The status is 200 " +
      "whatever it finds.",
    responses: {
      ...guardedResponses,
      200: { description: "The findings.", content: jsonContent("Check", exampleCheck) },
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
