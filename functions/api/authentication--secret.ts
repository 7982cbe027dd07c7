import { createHash, timingSafeEqual } from "node:crypto";

/** Whether it is one of the secrets. Compares with each, in a time that tells nothing of them. */
export function matchesSecret(secrets: string[], given: string): boolean {
  const expected = digest(given);
  return secrets.map((secret) => timingSafeEqual(expected, digest(secret))).includes(true);
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
