import { Resource } from "sst/resource";
import type { PortalWebhookSecrets } from "../../core/portal-webhooks/portal-webhook.ts";
import { secretSettings } from "./secret-settings.ts";
import { defaultRegion, sharedSettings } from "../../core/settings/setting-defaults.ts";
import {
  baseUrlSetting,
  ConfigError,
  readSettings,
  rejectFaults,
  type Settings,
  type SettingValues,
  textSetting,
  trimBaseUrl,
  withFallback,
} from "../../core/settings/setting-rules.ts";

const storageSettings = {
  REPORT_BUCKET: textSetting(),
  AWS_REGION: withFallback(textSetting(), defaultRegion),
};

const settings = {
  ...storageSettings,
  ...sharedSettings,
  PORTAL_API_KEY: secretSettings.PORTAL_API_KEY,
  MAIL_CONFIGURATION_SET: withFallback(textSetting(), null),
  /** The address of the function URL, for links in mails. */
  PUBLIC_URL: withFallback(baseUrlSetting, null),
  SES_ENDPOINT: withFallback(baseUrlSetting, null),
};

const apiSettings = { ...settings, ...secretSettings };

const workflowSettings = { EXPORT_WORKFLOW: textSetting(), EXPORT_WORKFLOW_QUALIFIER: textSetting() };

const starterSettings = { ...settings, ...workflowSettings };

const httpSettings = { ...apiSettings, ...workflowSettings };

/** The settings of an S3 server other than AWS's. For AWS's S3 the SDK takes the keys of the function's role. */
const serverSettings = {
  S3_ENDPOINT: baseUrlSetting,
  AWS_ACCESS_KEY_ID: textSetting(),
  AWS_SECRET_ACCESS_KEY: textSetting(),
};

/** The bucket's name and server. `endpoint` and `credentials` are null when the server is AWS's S3. */
export type StorageLocation = {
  name: string;
  region: string;
  endpoint: string | null;
  credentials: { accessKeyId: string; secretAccessKey: string } | null;
};

/** The settings for sending mails. AWS's SES sends them when `endpoint` is null. */
export type MailerSettings = {
  sender: string;
  /** The SES configuration set that publishes bounces. */
  configurationSet: string | null;
  publicUrl: string | null;
  region: string;
  endpoint: string | null;
};

/** The settings that every step of an export uses. */
export type Config = {
  portal: { url: string; key: string; rateWindowMs: number; rateReserve: number };
  zone: string;
  /** An offer may still be accepted or rejected for this many days after its expiry, so a refresh reads it again. */
  lateDays: number;
  linkSeconds: number;
  bucket: StorageLocation;
  /** Null when the program sends no mails. */
  post: MailerSettings | null;
};

/** The settings of the API in the cloud and on the local stack. */
export type ApiConfig = Config & {
  accessTokens: [string, ...string[]];
  /** The secrets of the portal's webhooks. */
  noticeSecrets: PortalWebhookSecrets;
};

/** The Lambda function that runs exports. */
export type WorkflowLocation = { name: string; qualifier: string; region: string };

/** The settings of a function that starts exports. */
export type StarterConfig = Config & { workflow: WorkflowLocation };

/** The settings of the function that answers requests to the function URL. */
export type HttpConfig = ApiConfig & StarterConfig;

type Env = Record<string, string | undefined>;

/** Throws a ConfigError that names every missing or malformed setting, and quotes no value. */
export function readConfig(env: Env): Config {
  const config = makeConfig(requireSettings(env, settings));
  if (config.post === null || config.post.publicUrl !== null) return config;
  throw new ConfigError(["the setting PUBLIC_URL is missing: with MAIL_SENDER mails link to it"]);
}

/** Reads only the storage settings, for a function that needs only the bucket. */
export function readStorageLocation(env: Env): StorageLocation {
  return makeStorageLocation(requireSettings(env, storageSettings));
}

export function readApiConfig(env: Env): ApiConfig {
  const read = requireSettings(env, apiSettings);
  return { ...makeConfig(read), ...makeAccess(read.values) };
}

export function readStarterConfig(env: Env): StarterConfig {
  const read = requireSettings(env, starterSettings);
  return { ...makeConfig(read), workflow: makeWorkflow(read.values) };
}

export function readHttpConfig(env: Env): HttpConfig {
  const read = requireSettings(env, httpSettings);
  return { ...makeConfig(read), workflow: makeWorkflow(read.values), ...makeAccess(read.values) };
}

function makeAccess({ ACCESS_TOKEN, PORTAL_WEBHOOK_SECRETS }: SettingValues<typeof apiSettings>) {
  return { accessTokens: ACCESS_TOKEN, noticeSecrets: PORTAL_WEBHOOK_SECRETS };
}

function makeWorkflow(values: SettingValues<typeof starterSettings>): WorkflowLocation {
  const { EXPORT_WORKFLOW: name, EXPORT_WORKFLOW_QUALIFIER: qualifier, AWS_REGION: region } = values;
  return { name, qualifier, region };
}

type Read<S extends Settings> = {
  values: SettingValues<S>;
  server: SettingValues<typeof serverSettings> | null;
};

/**
 * Finds a setting's text in the environment or in a linked resource, without spaces and line ends around it. A secret
 * that a deployer pipes into SST's command line ends in a line end. An empty text counts as not set.
 */
export function findSettingIn(env: Env): (name: string) => string | undefined {
  return (name) => env[name]?.trim() || readLink(name)?.trim() || undefined;
}

function requireSettings<S extends Settings>(env: Env, wanted: S): Read<S> {
  const find = findSettingIn(env);
  const { values, faults } = readSettings(wanted, find);
  const server = find("S3_ENDPOINT") === undefined ? null : readSettings(serverSettings, find);
  rejectFaults([...faults, ...(server?.faults ?? [])]);
  return { values, server: server && server.values };
}

function makeConfig({ values, server }: Read<typeof settings>): Config {
  return {
    portal: {
      url: trimBaseUrl(values.PORTAL_API_URL),
      key: values.PORTAL_API_KEY,
      rateWindowMs: values.PORTAL_RATE_WINDOW_SECONDS * 1000,
      rateReserve: values.PORTAL_RATE_RESERVE,
    },
    zone: values.REPORT_TIMEZONE,
    lateDays: values.REFRESH_LATE_DAYS,
    linkSeconds: values.LINK_SECONDS,
    bucket: makeStorageLocation({ values, server }),
    post: makeMailer(values),
  };
}

function makeStorageLocation({ values, server }: Read<typeof storageSettings>): StorageLocation {
  return {
    name: values.REPORT_BUCKET,
    region: values.AWS_REGION,
    endpoint: server && server.S3_ENDPOINT,
    credentials: server && {
      accessKeyId: server.AWS_ACCESS_KEY_ID,
      secretAccessKey: server.AWS_SECRET_ACCESS_KEY,
    },
  };
}

function makeMailer(values: SettingValues<typeof settings>): MailerSettings | null {
  const { MAIL_SENDER: sender, PUBLIC_URL: publicUrl, SES_ENDPOINT: endpoint } = values;
  const { MAIL_CONFIGURATION_SET: configurationSet, AWS_REGION: region } = values;
  return sender === null ? null : { sender, configurationSet, publicUrl, region, endpoint };
}

/** The settings that linked resources can hold. Each function throws when its resource is not linked. */
const links = new Map<string, () => string>([
  ["PORTAL_API_KEY", () => Resource.PortalApiKey.value],
  ["ACCESS_TOKEN", () => Resource.AccessToken.value],
  ["PORTAL_WEBHOOK_SECRETS", () => Resource.PortalWebhookSecrets.value],
  ["WEBHOOKS", () => Resource.Webhooks.addresses],
  ["WEBHOOK_SECRET", () => Resource.WebhookSecret.value],
  ["REPORT_BUCKET", () => Resource.ReportBucket.name],
  ["EXPORT_WORKFLOW", () => Resource.ExportWorkflow.name],
  ["EXPORT_WORKFLOW_QUALIFIER", () => Resource.ExportWorkflow.qualifier],
]);

function readLink(name: string): string | undefined {
  try {
    return links.get(name)?.();
  } catch {
    return undefined;
  }
}
