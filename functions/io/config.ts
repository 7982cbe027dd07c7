import { Resource } from "sst/resource";
import { z } from "zod";

const seconds = z.coerce.number<string>().int().positive();

const Config = z.object({
  PORTAL_API_URL: z
    .url({ protocol: /^https?$/, error: "must be an http or https address" })
    .default("https://api.mijnklantportaal.nl/v1"),
  PORTAL_API_KEY: z.string().regex(/^[\x21-\x7e]+$/, "must be a key without spaces or line ends"),
  PORTAL_RATE_WINDOW_SECONDS: seconds.default(60),
  PORTAL_RATE_RESERVE: z.coerce.number<string>().int().min(0).default(0),
  ACCESS_TOKEN: z
    .string()
    .transform((text) => text.split(",").map((token) => token.trim()))
    .pipe(z.array(z.string().min(16, "must have at least 16 characters in each token")).min(1)),
  REPORT_TIMEZONE: z
    .string()
    .refine(isTimeZone, "must be a time zone such as Europe/Amsterdam")
    .default("Europe/Amsterdam"),
  LINK_SECONDS: seconds.max(604_800).default(900),
  REPORT_BUCKET: z.string().min(1),
  S3_ENDPOINT: z.url().optional(),
  AWS_REGION: z.string().min(1).default("eu-central-1"),
});

export type Config = {
  portal: { url: string; key: string; rateWindowMs: number; rateReserve: number };
  accessTokens: string[];
  zone: string;
  linkSeconds: number;
  bucket: { name: string; region: string; endpoint: string | null };
};

/** Where a setting stands in the cloud. Reading a link that is not there throws. */
const links = new Map<string, () => string>([
  ["PORTAL_API_KEY", () => Resource.PortalApiKey.value],
  ["ACCESS_TOKEN", () => Resource.AccessToken.value],
  ["REPORT_BUCKET", () => Resource.ReportBucket.name],
]);

/** Throws with one line that names every missing or malformed setting, and never a value. */
export function readConfig(env: Record<string, string | undefined>): Config {
  const names = Object.keys(Config.shape);
  const given = Object.fromEntries(names.map((name) => [name, env[name] || readLink(name)]));
  const parsed = Config.safeParse(given);
  if (!parsed.success) throw new ConfigError(parsed.error.issues.map(describeIssue).join("; "));
  const { data } = parsed;
  return {
    portal: {
      url: data.PORTAL_API_URL.replace(/\/+$/, ""),
      key: data.PORTAL_API_KEY,
      rateWindowMs: data.PORTAL_RATE_WINDOW_SECONDS * 1000,
      rateReserve: data.PORTAL_RATE_RESERVE,
    },
    accessTokens: data.ACCESS_TOKEN,
    zone: data.REPORT_TIMEZONE,
    linkSeconds: data.LINK_SECONDS,
    bucket: { name: data.REPORT_BUCKET, region: data.AWS_REGION, endpoint: data.S3_ENDPOINT ?? null },
  };
}

export class ConfigError extends Error {
  override name = "ConfigError";
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const name = String(issue.path[0]);
  const isMissing = issue.code === "invalid_type" && issue.path.length === 1 && issue.input === undefined;
  return isMissing ? `the setting ${name} is missing` : `the setting ${name} is malformed: ${issue.message}`;
}

function readLink(name: string): string | undefined {
  try {
    return links.get(name)?.();
  } catch {
    return undefined;
  }
}

function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
