import { describeQuery, refer, type SchemaName } from "./openapi-parts--schema.ts";

/** What OpenAPI calls an operation: one method at one path (https://spec.openapis.org/oas/v3.1.1.html#operation-object). */
export type Operation = {
  operationId: string;
  summary: string;
  description?: string;
  /** Where it is another than the whole API's. */
  security?: readonly object[];
  parameters?: readonly Parameter[];
  requestBody?: { required: boolean; content: Content };
  responses: Readonly<Record<number | "default", Response>>;
};

export type Parameter = {
  name: string;
  in: "query" | "header" | "path";
  description?: string | undefined;
  required?: true;
  schema: object;
  style?: "form";
  explode?: boolean;
};

export type Response = { description: string; headers?: Headers; content?: Content };

export type Headers = Record<string, { description: string; required?: boolean; schema: object }>;

export type Content = Record<string, { schema: object; example?: unknown }>;

export function json(name: SchemaName, example?: unknown, type = "application/json"): Content {
  return { [type]: { schema: refer(name), ...(example !== undefined && { example }) } };
}

export function pathParameter(name: string, description: string): Parameter {
  return { name, in: "path", description, required: true, schema: { type: "string" } };
}

export function headerParameter(name: string, description: string, schema: object): Parameter {
  return { name, in: "header", description, schema };
}

/** The options as a query has them. */
export function queryParameters(): Parameter[] {
  return describeQuery().map(([name, { description, ...schema }]) => {
    const parameter: Parameter = { name, in: "query", description, schema };
    // A list is one text with commas.
    return schema.type === "array" ? Object.assign(parameter, { style: "form", explode: false }) : parameter;
  });
}
