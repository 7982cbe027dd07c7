import * as z from "zod";
import { type Bounds, isCount } from "../core/setting.ts";

/** One line that names every setting that is not as it must be. */
export class ConfigError extends Error {
  override name = "ConfigError";

  constructor(issues: z.core.$ZodIssue[]) {
    super([...new Set(issues.map(describeIssue))].join("; "));
  }
}

/** A whole number in digits, between bounds. */
export function count({ least, most = 1_000_000 }: Pick<Bounds, "least"> & Partial<Bounds>) {
  return z
    .string()
    .refine((text) => isCount(text, { least, most }), `must be a whole number from ${least} to ${most}`)
    .transform(Number);
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const name = String(issue.path[0]);
  const isMissing = issue.code === "invalid_type" && issue.path.length === 1 && issue.input === undefined;
  return isMissing ? `the setting ${name} is missing` : `the setting ${name} is malformed: ${issue.message}`;
}
