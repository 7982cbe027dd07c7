import { randomBytes } from "node:crypto";
import { z } from "zod";
import { count } from "../functions/io/config.ts";

const Settings = z.object({
  PORT: count({ least: 0, most: 65_535 }).default(8787),
  LOCAL_DIR: z.string().default(".local"),
  PORTAL_API_URL: z.string().optional(),
  ACCESS_TOKEN: z.string().optional(),
  S3_ENDPOINT: z.string().optional(),
});

/** What only the local stack knows; null stands for what it brings itself. */
export type LocalSettings = {
  port: number;
  directory: string;
  portalUrl: string | null;
  s3Endpoint: string | null;
  accessToken: string | null;
};

/** Throws with one line that names what is malformed. */
export function readSettings(env: Record<string, string | undefined>): LocalSettings {
  const given = Object.fromEntries(
    Object.keys(Settings.shape).map((name) => [name, env[name]?.trim() || undefined]),
  );
  const { data, error } = Settings.safeParse(given);
  if (error) throw new Error(`the setting ${error.issues[0]?.path[0]?.toString()} is malformed`);
  return {
    port: data.PORT,
    directory: data.LOCAL_DIR,
    portalUrl: data.PORTAL_API_URL ?? null,
    s3Endpoint: data.S3_ENDPOINT ?? null,
    accessToken: data.ACCESS_TOKEN ?? null,
  };
}

/** A token or key for one start of the stack. */
export function makeSecret(): string {
  return randomBytes(24).toString("base64url");
}
