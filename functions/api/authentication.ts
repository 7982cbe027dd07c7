import { ExportError } from "../core/basics/errors.ts";
import { matchesSecret } from "./authentication--secret.ts";

/** Throws unless the header presents one of the tokens; nothing tells which part of it was wrong. */
export function requireAccessToken(authorization: string | undefined, tokens: string[]): void {
  const given = /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1] ?? "";
  if (matchesSecret(tokens, given)) return;
  const detail = "Send the access token in the header `Authorization: Bearer <access token>`.";
  throw new ExportError("unauthorized", "unauthorized", detail, {
    headers: { "www-authenticate": "Bearer" },
  });
}
