import { Resource } from "sst/resource";
import * as z from "zod";
import { isBaseUrl, isTimeZone } from "../core/setting.ts";
import { ConfigError, count } from "./setting.ts";

const address = z
  .string()
  .refine(isBaseUrl, "must be an http or https address without a user name, a query or a fragment");

/** Between spaces and the end of ASCII: what a header carries as it is. */
const token = z
  .string()
  .regex(/^[\x21-\x7e]{16,}$/, "must have at least 16 characters in each token, and no spaces");

const Settings = z.object({
  PORTAL_API_URL: address.default("https://api.mijnklantportaal.nl/v1"),
  PORTAL_API_KEY: z.string().regex(/^[\x21-\x7e]+$/, "must be a key without spaces or line ends"),
  // A workflow that waits for longer outlives its time.
  PORTAL_RATE_WINDOW_SECONDS: count({ least: 1, most: 86_400 }).default(60),
  PORTAL_RATE_RESERVE: count({ least: 0 }).default(0),
  REPORT_TIMEZONE: z
    .string()
    .refine(isTimeZone, "must be a time zone such as Europe/Amsterdam")
    .default("Europe/Amsterdam"),
  // S3 signs for a week at most.
  LINK_SECONDS: count({ least: 1, most: 604_800 }).default(900),
  REPORT_BUCKET: z.string(),
  AWS_REGION: z.string().default("eu-central-1"),
});

const ApiSettings = Settings.extend({
  ACCESS_TOKEN: z
    .string()
    .transform((text) => text.split(",").map((part) => part.trim()))
    .pipe(z.tuple([token], token)),
});

const workflowSettings = { EXPORT_WORKFLOW: z.string(), EXPORT_WORKFLOW_QUALIFIER: z.string() };

const StarterSettings = Settings.extend(workflowSettings);

const HttpSettings = ApiSettings.extend(workflowSettings);

/** Another S3 than AWS's has keys of its own; in Lambda the SDK finds the function's. */
const ServerSettings = z.object({
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

/** What the steps of an export need. */
export type Config = {
  portal: { url: string; key: string; rateWindowMs: number; rateReserve: number };
  zone: string;
  linkSeconds: number;
  bucket: Place;
};

/** What the API needs beside, wherever it runs. */
export type ApiConfig = Config & { accessTokens: [string, ...string[]] };

/** Where exports run in the cloud. */
export type WorkflowPlace = { name: string; qualifier: string; region: string };

/** What starts exports in the cloud. */
export type StarterConfig = Config & { workflow: WorkflowPlace };

/** What the function URL needs. */
export type HttpConfig = ApiConfig & StarterConfig;

type Env = Record<string, string | undefined>;

/** Throws a ConfigError, as those below do: every missing or malformed setting by name, and never a value. */
export function readConfig(env: Env): Config {
  return makeConfig(readSettings(env, Settings));
}

export function readApiConfig(env: Env): ApiConfig {
  const read = readSettings(env, ApiSettings);
  return { ...makeConfig(read), accessTokens: read.settings.ACCESS_TOKEN };
}

export function readStarterConfig(env: Env): StarterConfig {
  const read = readSettings(env, StarterSettings);
  const { EXPORT_WORKFLOW: name, EXPORT_WORKFLOW_QUALIFIER: qualifier, AWS_REGION: region } = read.settings;
  return { ...makeConfig(read), workflow: { name, qualifier, region } };
}

export function readHttpConfig(env: Env): HttpConfig {
  const { settings } = readSettings(env, HttpSettings);
  return { ...readStarterConfig(env), accessTokens: settings.ACCESS_TOKEN };
}

type Read<Values> = { settings: Values; server: z.infer<typeof ServerSettings> | null };

function readSettings<Schema extends z.ZodObject>(env: Env, schema: Schema): Read<z.infer<Schema>> {
  const settings = schema.safeParse(gather(env, schema));
  const server = env["S3_ENDPOINT"]?.trim() ? ServerSettings.safeParse(gather(env, ServerSettings)) : null;
  if (settings.error || server?.error)
    throw new ConfigError([...(settings.error?.issues ?? []), ...(server?.error?.issues ?? [])]);
  return { settings: settings.data, server: server?.data ?? null };
}

function makeConfig({ settings, server }: Read<z.infer<typeof Settings>>): Config {
  return {
    portal: {
      url: settings.PORTAL_API_URL.replace(/\/+$/, ""),
      key: settings.PORTAL_API_KEY,
      rateWindowMs: settings.PORTAL_RATE_WINDOW_SECONDS * 1000,
      rateReserve: settings.PORTAL_RATE_RESERVE,
    },
    zone: settings.REPORT_TIMEZONE,
    linkSeconds: settings.LINK_SECONDS,
    bucket: {
      name: settings.REPORT_BUCKET,
      region: settings.AWS_REGION,
      endpoint: server && server.S3_ENDPOINT,
      credentials: server && {
        accessKeyId: server.AWS_ACCESS_KEY_ID,
        secretAccessKey: server.AWS_SECRET_ACCESS_KEY,
      },
    },
  };
}

/** Where a setting stands in the cloud. Reading a link that is not there throws. */
const links = new Map<string, () => string>([
  ["PORTAL_API_KEY", () => Resource.PortalApiKey.value],
  ["ACCESS_TOKEN", () => Resource.AccessToken.value],
  ["REPORT_BUCKET", () => Resource.ReportBucket.name],
  ["EXPORT_WORKFLOW", () => Resource.ExportWorkflow.name],
  ["EXPORT_WORKFLOW_QUALIFIER", () => Resource.ExportWorkflow.qualifier],
]);

function gather(env: Env, schema: z.ZodObject): Env {
  const names = Object.keys(schema.shape);
  return Object.fromEntries(names.map((name) => [name, env[name]?.trim() || readLink(name)]));
}

function readLink(name: string): string | undefined {
  try {
    return links.get(name)?.();
  } catch {
    return undefined;
  }
}
