import type * as z from "zod";
import { ExportError, type ParameterError } from "../basics/errors.ts";

/** More are not read, and an answer has its limit too. */
const mostErrors = 100;
const mostNameLength = 100;

/** What was parsed; throws an ExportError that names every bad parameter, the given ones among them. */
export function requireValid<T>(parsed: z.ZodSafeParseResult<T>, found: ParameterError[]): T {
  const errors = [...(parsed.error?.issues.flatMap(describeIssue) ?? []), ...found];
  if (parsed.success && errors.length === 0) return parsed.data;
  throw invalidParameters(errors);
}

function invalidParameters(all: ParameterError[]): ExportError {
  const errors = all.slice(0, mostErrors);
  const names = [...new Set(errors.map((error) => error.parameter))].join(", ");
  return new ExportError("invalid", "invalid_parameters", `Correct these parameters: ${names}.`, { errors });
}

/** A parameter within another is named by both, with a dot between; a place in a list is not named. */
function describeIssue(issue: z.core.$ZodIssue): ParameterError[] {
  const path = issue.path.filter((part) => typeof part === "string");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((name) => ({
      parameter: [...path, sanitizeName(name)].join("."),
      detail: "is not an option",
    }));
  }
  return [{ parameter: path.join(".") || "body", detail: issue.message }];
}

/** A name as an answer may repeat it: of what a stranger sends, nothing that could be more than a name. */
export function sanitizeName(name: string): string {
  return name.slice(0, mostNameLength).replaceAll(/[^\w.-]/g, "?");
}
