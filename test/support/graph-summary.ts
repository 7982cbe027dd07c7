import { stringify } from "yaml";
import type { Graph } from "./graph.ts";

/**
 * Returns a summary of what would be deployed, so that a person can review a change. The summary has each resource
 * with its inputs, sorted by name, so that the resources of a component stand together. The code and random values
 * are left out.
 */
export function summarizeGraph(graph: Graph): Record<string, unknown> {
  const stage = String(graph.app["stage"]);
  const drawn = graph.resources
    .filter(({ type }) => type.startsWith("aws:") && !type.endsWith(":BucketObjectv2"))
    .map(({ type, name, inputs, isProtected, isRetained }) => {
      const kept = { ...(isProtected && { protected: true }), ...(isRetained && { retained: true }) };
      return [`${name} ${shortenType(type)}`, tidy({ ...kept, ...inputs }, stage)] as const;
    })
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(drawn);
}

/** Returns the entries of `other` that differ from `one`, and the names of the entries that `other` lacks. */
export function compareGraphSummaries(one: Record<string, unknown>, other: Record<string, unknown>) {
  const differs = ([key, value]: [string, unknown]) => JSON.stringify(one[key]) !== JSON.stringify(value);
  const missing = Object.keys(one).filter((key) => !(key in other));
  const changed = Object.fromEntries(Object.entries(other).filter(differs));
  return missing.length === 0 ? changed : { ...changed, missing };
}

export function formatGraphSummary(blueprint: Record<string, unknown>): string {
  return stringify(blueprint, { lineWidth: 0, aliasDuplicateObjects: false });
}

/** Shortens a type, such as `aws:lambda/function:Function` to `lambda/function`. */
function shortenType(type: string): string {
  return type.split(":")[1] ?? type;
}

function tidy(value: unknown, stage: string): unknown {
  if (typeof value === "string") return tidyText(value, stage);
  if (Array.isArray(value)) return value.map((inner) => tidy(inner, stage));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, tidy(inner, stage)]));
}

/** Parses a text that is JSON, such as a policy. In names, removes the stage and the random suffix. */
function tidyText(text: string, stage: string): unknown {
  if (/^[[{]/.test(text)) return tidy(JSON.parse(text), stage);
  if (text === stage) return "{stage}";
  return text
    .replaceAll(`offer-export-${stage}`, "offer-export-{stage}")
    .replace(/(offer-export-\{stage\}-\w+)-[a-z]{8}(?=$|\/)/, "$1")
    .replace(/-code-[0-9a-f]{64}\.zip$/, "-code.zip");
}
