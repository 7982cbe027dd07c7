import type { CheckFault } from "./setup-check.ts";

/** The header that makes a write conditional. */
export type WriteCondition = "If-Match" | "If-None-Match";

const remedy =
  "Use a storage with conditional writes, as S3 has them: PutObject must refuse what does not meet its If-Match or " +
  "If-None-Match with 412, and take what does (with S3_ENDPOINT: another server, or a newer version of it; a proxy " +
  "before it must pass these headers and ETag on).";

export function describeIgnoredCondition(condition: WriteCondition): CheckFault {
  const detail =
    `The storage took a write whose ${condition} did not hold, so two exports at once can overwrite what the other ` +
    "has written.";
  return { code: "condition_ignored", detail, remedy };
}

export function describeRefusedCondition(condition: WriteCondition, answer: string): CheckFault {
  const detail = `The storage refused a write whose ${condition} held: it ${answer}. No export can be started.`;
  return { code: "condition_refused", detail, remedy };
}
