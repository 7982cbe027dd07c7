import * as z from "zod";
import {
  ExportList,
  MadeShare,
  PresentedExport,
  PresentedShare,
  ProblemBody,
  RouteIndex,
  ShareList,
} from "./response-bodies.ts";
import { Changes } from "../changes/change-kinds.ts";
import { CheckAnswer } from "../check/setup-check.ts";
import { Figures } from "../figures/figures.ts";
import { Options } from "../options/options.ts";
import { Progress } from "../basics/stored-values.ts";
import { BodyInput, QueryInput } from "../options/export-request.ts";
import { ShareInput } from "../share/share.ts";
import { ExportEvent } from "../delivery/webhook-event.ts";

/** What requests hold, by the names that their schemas have in the API's description. */
const inputs = { ExportOptions: BodyInput, ShareRequest: ShareInput };

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

/** As JSON Schema, made of the very schemas that validate requests and type answers. */
export function describeSchemas(): Record<string, Schema> {
  return { ...describeAll(inputs, "input"), ...describeAll(answers, "output") };
}

/** Each option of a query. */
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

/** The document says which dialect, and its own address is the only one. */
function omitAddress(schema: Schema): Schema {
  const rest = { ...schema };
  delete rest.$schema;
  delete rest.$id;
  return rest;
}

/** A `format` says what zod's pattern of it does, a count has no end that matters, and keys that are known have names. */
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
