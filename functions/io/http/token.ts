import { createHash, timingSafeEqual } from "node:crypto";
import { ExportError } from "../../core/error.ts";

/** Throws unless the header presents one of the tokens; nothing tells which part of it was wrong. */
export function authorise(authorization: string | undefined, tokens: string[]): void {
  if (isAccessToken(authorization, tokens)) return;
  const detail = "Send the access token in the header `Authorization: Bearer <access token>`.";
  throw new ExportError("unauthorized", "unauthorized", detail, {
    headers: { "www-authenticate": "Bearer" },
  });
}

/** Compares with each token, in a time that tells nothing of them. */
function isAccessToken(authorization: string | undefined, tokens: string[]): boolean {
  const given = digest(/^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1] ?? "");
  return tokens.map((token) => timingSafeEqual(given, digest(token))).includes(true);
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
