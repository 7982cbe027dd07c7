import { createHash, timingSafeEqual } from "node:crypto";

/** Compares with each token, in a time that tells nothing of them. */
export function isAccessToken(authorization: string | undefined, tokens: string[]): boolean {
  const given = digest(/^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1] ?? "");
  return tokens.map((token) => timingSafeEqual(given, digest(token))).includes(true);
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
