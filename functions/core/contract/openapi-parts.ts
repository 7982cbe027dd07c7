import * as z from "zod";
import { Progress } from "../basics/stored-values.ts";
import { Changes } from "../changes/change-kinds.ts";
import { CheckAnswer } from "../check/setup-check.ts";
import { ExportEvent } from "../delivery/webhook-event.ts";
import { Figures } from "../figures/figures.ts";
import { Options } from "../options/export-options.ts";
import { BodyInput, QueryInput } from "../options/export-request.ts";
import { ShareInput } from "../share/share.ts";
import { exampleFinishedExport, exampleRunningExport } from "./openapi-examples.ts";
import {
  ExportList,
  MadeShare,
  PresentedExport,
  PresentedShare,
  ProblemBody,
  RouteIndex,
  ShareList,
} from "./response-bodies.ts";

/** An operation of OpenAPI: one method at one path (https://spec.openapis.org/oas/v3.1.1.html#operation-object). */
export type Operation = {
  operationId: string;
  summary: string;
  description?: string;
  /** Overrides the security that the document states for the whole API. */
  security?: readonly object[];
  parameters?: readonly OpenApiParameter[];
  requestBody?: { required: boolean; content: OpenApiContent };
  responses: Readonly<Record<number | "default", OpenApiResponse>>;
};

export type OpenApiParameter = {
  name: string;
  in: "query" | "header" | "path";
  description?: string | undefined;
  required?: true;
  schema: object;
  style?: "form";
  explode?: boolean;
};

export type OpenApiResponse = { description: string; headers?: OpenApiHeaders; content?: OpenApiContent };

export type OpenApiHeaders = Record<string, { description: string; required?: boolean; schema: object }>;

export type OpenApiContent = Record<string, { schema: object; example?: unknown }>;

export function jsonContent(name: SchemaName, example?: unknown, type = "application/json"): OpenApiContent {
  return { [type]: { schema: referToSchema(name), ...(example !== undefined && { example }) } };
}

export function pathParameter(name: string, description: string): OpenApiParameter {
  return { name, in: "path", description, required: true, schema: { type: "string" } };
}

export function headerParameter(name: string, description: string, schema: object): OpenApiParameter {
  return { name, in: "header", description, schema };
}

export function queryParameters(): OpenApiParameter[] {
  return describeQuery().map(([name, { description, ...schema }]) => {
    const parameter: OpenApiParameter = { name, in: "query", description, schema };
    // In a query, a list is one parameter whose items are separated by commas.
    return schema.type === "array" ? Object.assign(parameter, { style: "form", explode: false }) : parameter;
  });
}

/** The schemas of request bodies, by their names in the OpenAPI document. */
const inputs = { ExportOptions: BodyInput, ShareRequest: ShareInput };

/** The schemas of answers, by their names in the OpenAPI document. */
const answers = {
  Export: PresentedExport,
  ExportList,
  EffectiveOptions: Options,
  Progress,
  Figures,
  Changes,
  Share: PresentedShare,
  ShareList,
  MadeShare,
  RouteIndex,
  Check: CheckAnswer,
  Problem: ProblemBody,
  ExportEvent,
};

export type SchemaName = keyof typeof inputs | keyof typeof answers;
type Schema = z.core.JSONSchema.BaseSchema;

export function referToSchema(name: SchemaName): { $ref: string } {
  return { $ref: toPlace(name) };
}

/**
 * Returns the JSON Schemas of the OpenAPI document. They are made from the zod schemas that validate requests and
 * give answers their types.
 */
export function describeSchemas(): Record<string, Schema> {
  return { ...describeAll(inputs, "input"), ...describeAll(answers, "output") };
}

export function describeQuery(): [name: string, schema: Schema][] {
  const { properties = {} } = z.toJSONSchema(QueryInput, { io: "input", override: simplify });
  return Object.entries(properties).map(([name, schema]) => [name, typeof schema === "object" ? schema : {}]);
}

function describeAll(named: Record<string, z.ZodType>, io: "input" | "output"): Record<string, Schema> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { io, uri: toPlace, override: simplify });
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, omitAddress(schema)]));
}

function toPlace(id: string): string {
  return `#/components/schemas/${id}`;
}

/**
 * Removes `$schema` and `$id` from a schema. Neither is needed, because the OpenAPI document states the dialect, and
 * each `$ref` names a schema by its path in the document.
 */
function omitAddress(schema: Schema): Schema {
  const rest = { ...schema };
  delete rest.$schema;
  delete rest.$id;
  return rest;
}

/**
 * Shortens a schema. Removes a pattern that repeats the `format`, and a maximum that is only the largest safe
 * integer. Converts a record with known keys to an object with one property for each key.
 */
function simplify({ jsonSchema }: { jsonSchema: Schema }): void {
  const { propertyNames, additionalProperties } = jsonSchema;
  if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  delete jsonSchema.propertyNames;
  if (typeof propertyNames !== "object" || additionalProperties === undefined) return;
  const entries = propertyNames.enum?.map((key) => [String(key), additionalProperties]);
  if (entries === undefined) return;
  Object.assign(jsonSchema, { properties: Object.fromEntries(entries), additionalProperties: false });
}

const text = { type: "string" };

/** The JSON Schema of a text that is a path of this API, without the origin. */
const place = { type: "string", format: "uri-reference" };

export function problemResponse(description: string, headers: OpenApiHeaders = {}): OpenApiResponse {
  return { description, headers, content: jsonContent("Problem", undefined, "application/problem+json") };
}

export function redirectResponse(description: string, headers: OpenApiHeaders = {}): OpenApiResponse {
  const schema = { type: "string", format: "uri" };
  return {
    description,
    headers: { Location: { description: "The address of the file.", required: true, schema }, ...headers },
  };
}

/** Adds `text/html` to the description of an answer, since browsers get the page instead of JSON. */
export function orPageResponse(answer: OpenApiResponse): OpenApiResponse {
  return { ...answer, content: { ...answer.content, ...pageContent } };
}

export const pageContent: OpenApiContent = { "text/html": { schema: text } };

export const locationHeader = (description: string) => ({ description, required: true, schema: place });

export const retryAfterHeader = {
  description: "Seconds after which to ask again.",
  required: true,
  schema: { type: "integer", minimum: 0 },
};

export const finishedResponse = {
  description: "The export has succeeded.",
  content: jsonContent("Export", exampleFinishedExport),
};

export const acceptedResponse = {
  description: "The export has not finished.",
  headers: {
    Location: locationHeader("The address that shows the export."),
    "Retry-After": retryAfterHeader,
  },
  content: jsonContent("Export", exampleRunningExport),
};

export const badOptionsResponse = problemResponse("A parameter is wrong. `errors` names each.");

export const guardedResponses = {
  401: problemResponse("The access token is missing or wrong.", {
    "WWW-Authenticate": { description: "How to send the token.", required: true, schema: text },
  }),
  default: problemResponse("405: the path does not take this method. 500: the API has a bug.", {
    Allow: { description: "With 405: the methods that the path takes.", schema: text },
  }),
};

export const storingResponses = {
  ...guardedResponses,
  502: problemResponse("The storage has failed."),
};

/** The error answers to a request body that the API does not accept. */
export const bodyResponses = {
  413: problemResponse("The body is larger than 64 KB."),
  415: problemResponse("The `Content-Type` is not `application/json`."),
};
