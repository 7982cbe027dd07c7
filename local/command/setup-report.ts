import { CheckAnswer } from "../../functions/core/check/setup-check.ts";
import type { Access } from "../control-socket.ts";

/** Runs the setup check of a stack. Returns a line for each thing that is wrong, with its remedy, or a line that all is well. */
export async function describeSetup({ url, accessToken }: Access): Promise<string[]> {
  const headers = { authorization: `Bearer ${accessToken}` };
  const response = await fetch(new URL("check", url), { headers });
  if (!response.ok) return [`setup check: it failed with the status ${response.status}`];
  const { checks } = CheckAnswer.parse(await response.json());
  const wrong = checks.filter(({ status }) => status === "failed" || status === "warning");
  if (wrong.length === 0) return ["setup check: all is well"];
  return wrong.map(({ name, status, detail, remedy }) =>
    ["setup check:", `${name} ${status}.`, detail, remedy ?? ""].join(" ").replaceAll(/\s+/g, " ").trim(),
  );
}
