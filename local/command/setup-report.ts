import { CheckAnswer } from "../../functions/core/check/setup-check.ts";
import type { Access } from "../control-socket.ts";

/** Runs the setup check of a stack. Returns a line for each thing that is wrong, with its remedy, or a line that all is well. */
export async function describeSetup({ url, accessToken }: Access): Promise<string[]> {
  const headers = { authorization: `Bearer ${accessToken}` };
  const response = await fetch(new URL("check", url), { headers });
  if (!response.ok) return [`setup check: it failed with the status ${response.status}`];
  return describeChecks(CheckAnswer.parse(await response.json()).checks);
}

export function describeChecks(checks: CheckAnswer["checks"]): string[] {
  const wrong = checks.filter(({ status }) => status === "failed" || status === "warning");
  const skipped = checks.filter(({ status }) => status === "skipped");
  if (wrong.length === 0 && skipped.length > 0) return [`setup check: ${describeSkipped(skipped)}`];
  if (wrong.length === 0) return ["setup check: all is well"];
  return wrong.map(({ name, status, detail, remedy }) =>
    ["setup check:", `${name} ${status}.`, detail, remedy ?? ""].join(" ").replaceAll(/\s+/g, " ").trim(),
  );
}

/** A check that was not made proves nothing, so the line does not say that all is well. */
function describeSkipped(skipped: CheckAnswer["checks"]): string {
  const names = skipped.map(({ name }) => name).join(", ");
  const details = new Set(skipped.map(({ detail }) => detail.replaceAll(/\s+/g, " ")));
  return `nothing wrong was found, but these were not checked: ${names}. ${[...details].join(" ")}`;
}
