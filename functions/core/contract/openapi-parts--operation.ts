import { describeQuery, referToSchema, type SchemaName } from "./openapi-parts--schema.ts";

/** What OpenAPI calls an operation: one method at one path (https://spec.openapis.org/oas/v3.1.1.html#operation-object). */
export type Operation = {
  operationId: string;
  summary: string;
  description?: string;
  /** Where it is another than the whole API's. */
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

/** The options as a query has them. */
export function queryParameters(): OpenApiParameter[] {
  return describeQuery().map(([name, { description, ...schema }]) => {
    const parameter: OpenApiParameter = { name, in: "query", description, schema };
    // A list is one text with commas.
    return schema.type === "array" ? Object.assign(parameter, { style: "form", explode: false }) : parameter;
  });
}
