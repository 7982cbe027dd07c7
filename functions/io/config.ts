import { Resource } from "sst/resource";
import { z } from "zod";
import { type Bounds, isBaseUrl, isCount, isTimeZone } from "../core/setting.ts";

const address = z
  .string()
  .refine(isBaseUrl, "must be an http or https address without a user name, a query or a fragment");

/** Between spaces and the end of ASCII: what a header carries as it is. */
const token = z
  .string()
  .regex(/^[\x21-\x7e]{16,}$/, "must have at least 16 characters in each token, and no spaces");

const Config = z.object({
  PORTAL_API_URL: address.default("https://api.mijnklantportaal.nl/v1"),
  PORTAL_API_KEY: z.string().regex(/^[\x21-\x7e]+$/, "must be a key without spaces or line ends"),
  PORTAL_RATE_WINDOW_SECONDS: count({ least: 1 }).default(60),
  PORTAL_RATE_RESERVE: count({ least: 0 }).default(0),
  ACCESS_TOKEN: z
    .string()
    .transform((text) => text.split(",").map((part) => part.trim()))
    .pipe(z.tuple([token], token)),
  REPORT_TIMEZONE: z
    .string()
    .refine(isTimeZone, "must be a time zone such as Europe/Amsterdam")
    .default("Europe/Amsterdam"),
  // S3 signs for a week at most.
  LINK_SECONDS: count({ least: 1, most: 604_800 }).default(900),
  REPORT_BUCKET: z.string(),
  AWS_REGION: z.string().default("eu-central-1"),
  S3_ENDPOINT: z.undefined().optional(),
});

/** Another S3 than AWS's has keys of its own; in Lambda the SDK finds the function's. */
const ConfigWithEndpoint = Config.extend({
  S3_ENDPOINT: address,
  AWS_ACCESS_KEY_ID: z.string(),
  AWS_SECRET_ACCESS_KEY: z.string(),
});

/** Where the bucket is; without an endpoint it is AWS's. */
export type Place = {
  name: string;
  region: string;
  endpoint: string | null;
  credentials: { accessKeyId: string; secretAccessKey: string } | null;
};

export type Config = {
  portal: { url: string; key: string; rateWindowMs: number; rateReserve: number };
  accessTokens: [string, ...string[]];
  zone: string;
  linkSeconds: number;
  bucket: Place;
};

/** Where a setting stands in the cloud. Reading a link that is not there throws. */
const links = new Map<string, () => string>([
  ["PORTAL_API_KEY", () => Resource.PortalApiKey.value],
  ["ACCESS_TOKEN", () => Resource.AccessToken.value],
  ["REPORT_BUCKET", () => Resource.ReportBucket.name],
]);

/** Throws with one line that names every missing or malformed setting, and never a value. */
export function readConfig(env: Record<string, string | undefined>): Config {
  const names = Object.keys(ConfigWithEndpoint.shape);
  const given = Object.fromEntries(names.map((name) => [name, env[name]?.trim() || readLink(name)]));
  const schema = given["S3_ENDPOINT"] === undefined ? Config : ConfigWithEndpoint;
  const { data, error } = schema.safeParse(given);
  if (error) throw new ConfigError(error.issues);
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
    bucket: { name: data.REPORT_BUCKET, region: data.AWS_REGION, ...readEndpoint(data) },
  };
}

function readEndpoint(
  data: z.infer<typeof Config> | z.infer<typeof ConfigWithEndpoint>,
): Pick<Place, "endpoint" | "credentials"> {
  if (data.S3_ENDPOINT === undefined) return { endpoint: null, credentials: null };
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = data;
  return { endpoint: data.S3_ENDPOINT, credentials: { accessKeyId, secretAccessKey } };
}

/** One line that names every setting that is not as it must be. */
export class ConfigError extends Error {
  override name = "ConfigError";

  constructor(issues: z.core.$ZodIssue[]) {
    super([...new Set(issues.map(describeIssue))].join("; "));
  }
}

/** A whole number in digits, between bounds. */
export function count({ least, most = 1_000_000 }: Pick<Bounds, "least"> & Partial<Bounds>) {
  return z
    .string()
    .refine((text) => isCount(text, { least, most }), `must be a whole number from ${least} to ${most}`)
    .transform(Number);
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
