import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import * as z from "zod";
import { isCount } from "../functions/core/setting.ts";
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
  /** How many times as fast as the system's the clock of waits and of the demo portal runs. */
  speed: number;
  /** How many the demo portal holds; null leaves it at some hundreds. */
  offers: number | null;
};

/** Throws an error that says what is wrong in one line. `flags` are the command line's words. */
export function readSettings(env: Record<string, string | undefined>, flags: string[] = []): LocalSettings {
  const given = Object.fromEntries(
    Object.keys(Settings.shape).map((name) => [name, env[name]?.trim() || undefined]),
  );
  const { data, error } = Settings.safeParse(given);
  if (error) throw new ConfigError(error.issues);
  const { clock, offers } = readFlags(flags);
  if (clock !== null && data.PORTAL_API_URL !== undefined)
    throw new Error("--clock is for the demo portal: another one's rate limit goes by its own clock");
  return {
    port: data.PORT,
    directory: data.LOCAL_DIR,
    portalUrl: data.PORTAL_API_URL ?? null,
    s3Endpoint: data.S3_ENDPOINT ?? null,
    accessToken: data.ACCESS_TOKEN ?? null,
    speed: clock ?? 1,
    offers,
  };
}

/** Beyond that the pauses of a crawl are over before the crawl itself has moved. */
const mostSpeed = 1000;
const mostOffers = 1_000_000;

function readFlags(flags: string[]) {
  const { values } = parseArgs({
    args: flags,
    options: { clock: { type: "string" }, offers: { type: "string" } },
  });
  const read = (name: keyof typeof values, most: number) => {
    const text = values[name];
    if (text === undefined || isCount(text, { least: 1, most }))
      return text === undefined ? null : Number(text);
    throw new Error(`--${name} takes a whole number from 1 to ${most}`);
  };
  return { clock: read("clock", mostSpeed), offers: read("offers", mostOffers) };
}

/** A token or key for one start of the stack. */
export function makeSecret(): string {
  return randomBytes(24).toString("base64url");
}
