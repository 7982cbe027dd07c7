import { randomBytes } from "node:crypto";
import { z } from "zod";
import { ConfigError, count } from "../functions/io/setting.ts";

const Settings = z.object({
  PORT: count({ least: 0, most: 65_535 }).default(8787),
  LOCAL_DIR: z.string().default(".local"),
  PORTAL_API_URL: z.string().optional(),
  ACCESS_TOKEN: z.string().optional(),
  S3_ENDPOINT: z.string().optional(),
  // For the deployment only, but better refused here than there.
  SNAPSHOT_DAYS: count({ least: 1 }).optional(),
  FILE_DAYS: count({ least: 1 }).optional(),
  RESERVED_CONCURRENCY: count({ least: 0 }).optional(),
});

/** What only the local stack knows; null stands for what it brings itself. */
export type LocalSettings = {
  port: number;
  directory: string;
  portalUrl: string | null;
  s3Endpoint: string | null;
  accessToken: string | null;
};

/** Throws a ConfigError. */
export function readSettings(env: Record<string, string | undefined>): LocalSettings {
  const given = Object.fromEntries(
    Object.keys(Settings.shape).map((name) => [name, env[name]?.trim() || undefined]),
  );
  const { data, error } = Settings.safeParse(given);
  if (error) throw new ConfigError(error.issues);
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
