import { Validator } from "@seriousme/openapi-schema-validator";
import addFormats from "ajv-formats";
import { Ajv2020 } from "ajv/dist/2020.js";
import * as z from "zod";
import { describeApi } from "../../functions/core/contract/openapi-document.ts";

const Content = z.record(
  z.string(),
  z.object({ schema: z.looseObject({}), example: z.unknown().optional() }),
);

const Response = z.object({
  description: z.string(),
  headers: z
    .record(z.string(), z.object({ required: z.boolean().default(false), schema: z.looseObject({}) }))
    .default({}),
  content: Content.default({}),
});

const Parameter = z.object({
  name: z.string(),
  in: z.enum(["query", "header", "path"]),
  schema: z.looseObject({ default: z.unknown().optional() }),
});

const Operation = z.object({
  operationId: z.string(),
  parameters: z.array(Parameter).default([]),
  requestBody: z.object({ content: Content }).optional(),
  responses: z.record(z.string(), Response),
});

const Paths = z.record(z.string(), z.record(z.string(), Operation));
const Document = z.object({ paths: Paths, webhooks: Paths });

export type DescribedOperation = z.infer<typeof Operation>;

/** Lists the validator's errors, and the document's operations by method and path. */
export async function readOpenApi(document: Record<string, unknown>) {
  const validator = new Validator();
  const { errors = [] } = await validator.validate(document);
  const { paths, webhooks } = Document.parse(validator.resolveRefs());
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, DescribedOperation] => [
      `${method.toUpperCase()} ${path}`,
      operation,
    ]),
  );
  return { errors, operations: new Map(operations), webhooks };
}

/** The document as the API serves it. */
export function serializeOpenApi(): Record<string, unknown> {
  return z.record(z.string(), z.unknown()).parse(JSON.parse(JSON.stringify(describeApi())));
}

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });
addFormats(ajv);

/** Lists how the value breaks the schema. */
export function listSchemaErrors(schema: object, value: unknown): string[] {
  const isValid = ajv.compile(schema);
  return isValid(value)
    ? []
    : (isValid.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/** Lists how a response's status, headers, type and body differ from the description. */
export async function listResponseErrors(
  { responses }: DescribedOperation,
  answer: globalThis.Response,
): Promise<string[]> {
  const expected = responses[answer.status] ?? responses["default"];
  if (expected === undefined) return [`the status ${answer.status} is not described`];
  const headers = Object.entries(expected.headers).flatMap(([name, { required, schema }]) => {
    const text = answer.headers.get(name);
    if (text === null) return required ? [`${name} is missing`] : [];
    return listSchemaErrors(schema, schema["type"] === "integer" ? Number(text) : text);
  });
  return [...headers, ...(await listBodyFaults(expected.content, answer))];
}

async function listBodyFaults(
  content: z.infer<typeof Content>,
  answer: globalThis.Response,
): Promise<string[]> {
  const body = await answer.text();
  if (Object.keys(content).length === 0) return body === "" ? [] : ["a body is not described"];
  const [type = ""] = (answer.headers.get("content-type") ?? "").split(";");
  const media = content[type];
  if (media === undefined) return [`the type ${type} is not described`];
  return listSchemaErrors(media.schema, type.endsWith("json") ? JSON.parse(body) : body);
}
