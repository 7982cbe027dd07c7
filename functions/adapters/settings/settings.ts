import { Resource } from "sst/resource";
import { defaultLateDays } from "../../core/offer/expiry-days.ts";
import {
  noPortalWebhookSecrets,
  parsePortalWebhookSecrets,
  portalWebhookHint,
  type PortalWebhookSecrets,
} from "../../core/portal-webhooks/portal-webhook.ts";
import {
  ConfigError,
  countSetting,
  defaultTimeZone,
  isBaseUrl,
  isMailAddress,
  isTimeZone,
  readSettings,
  type Setting,
  type Settings,
  type SettingValues,
  textSetting,
  trimBaseUrl,
  withFallback,
} from "../../core/settings/setting-rules.ts";

export const addressSetting = textSetting(
  "must be an http or https address without a user name, a query or a fragment",
  isBaseUrl,
);

const placeSettings = {
  REPORT_BUCKET: textSetting(),
  AWS_REGION: withFallback(textSetting(), "eu-central-1"),
};

/** Which portal, and as whom. */
export const portalSettings = {
  PORTAL_API_URL: withFallback(addressSetting, "https://api.mijnklantportaal.nl/v1"),
  PORTAL_API_KEY: textSetting("must be a key without spaces or line ends", (key) =>
    /^[\x21-\x7e]+$/.test(key),
  ),
};

const settings = {
  ...placeSettings,
  ...portalSettings,
  // A workflow that waits for longer outlives its time.
  PORTAL_RATE_WINDOW_SECONDS: withFallback(countSetting({ least: 1, most: 86_400 }), 60),
  PORTAL_RATE_RESERVE: withFallback(countSetting({ least: 0 }), 0),
  REFRESH_LATE_DAYS: withFallback(countSetting({ least: 0, most: 36_500 }), defaultLateDays),
  REPORT_TIMEZONE: withFallback(
    textSetting(`must be a time zone such as ${defaultTimeZone}`, isTimeZone),
    defaultTimeZone,
  ),
  // S3 signs for a week at most.
  LINK_SECONDS: withFallback(countSetting({ least: 1, most: 604_800 }), 900),
  /** As whom reports are mailed; without one they are not. */
  MAIL_SENDER: withFallback(
    textSetting("must be a mail address, such as reports@example.com", isMailAddress),
    null,
  ),
  MAIL_CONFIGURATION_SET: withFallback(textSetting(), null),
  /** Where the function URL is: what it links to in mails. */
  PUBLIC_URL: withFallback(addressSetting, null),
  SES_ENDPOINT: withFallback(addressSetting, null),
};

/** Between spaces and the end of ASCII: what a header carries as it is. */
const tokens: Setting<[string, ...string[]]> = {
  hint: "must have at least 16 characters in each token, and no spaces",
  read: (given) => {
    const [first = "", ...others] = given.split(",").map((token) => token.trim());
    return [first, ...others].every((token) => /^[\x21-\x7e]{16,}$/.test(token)) ? [first, ...others] : null;
  },
};

const apiSettings = {
  ...settings,
  ACCESS_TOKEN: tokens,
  PORTAL_WEBHOOK_SECRETS: withFallback(
    { hint: portalWebhookHint, read: parsePortalWebhookSecrets },
    noPortalWebhookSecrets,
  ),
};

const workflowSettings = { EXPORT_WORKFLOW: textSetting(), EXPORT_WORKFLOW_QUALIFIER: textSetting() };

const starterSettings = { ...settings, ...workflowSettings };

const httpSettings = { ...apiSettings, ...workflowSettings };

/** Another S3 than AWS's has keys of its own; in Lambda the SDK finds the function's. */
const serverSettings = {
  S3_ENDPOINT: addressSetting,
  AWS_ACCESS_KEY_ID: textSetting(),
  AWS_SECRET_ACCESS_KEY: textSetting(),
};

/** Where the bucket is; without an endpoint it is AWS's. */
export type StorageLocation = {
  name: string;
  region: string;
  endpoint: string | null;
  credentials: { accessKeyId: string; secretAccessKey: string } | null;
};

/** How mails are sent; without an endpoint it is by AWS's SES. */
export type MailerSettings = {
  sender: string;
  /** What tells of bounces. */
  configurationSet: string | null;
  publicUrl: string | null;
  region: string;
  endpoint: string | null;
};

/** What the steps of an export need. */
export type Config = {
  portal: { url: string; key: string; rateWindowMs: number; rateReserve: number };
  zone: string;
  /** Days for which an expired offer may still be accepted. */
  lateDays: number;
  linkSeconds: number;
  bucket: StorageLocation;
  /** Null without a sender. */
  post: MailerSettings | null;
};

/** What the API needs beside, wherever it runs. */
export type ApiConfig = Config & {
  accessTokens: [string, ...string[]];
  /** Of the webhooks by which the portal tells of offers. */
  noticeSecrets: PortalWebhookSecrets;
};

/** Where exports run in the cloud. */
export type WorkflowLocation = { name: string; qualifier: string; region: string };

/** What starts exports in the cloud. */
export type StarterConfig = Config & { workflow: WorkflowLocation };

/** What the function URL needs. */
export type HttpConfig = ApiConfig & StarterConfig;

type Env = Record<string, string | undefined>;

/** Throws a ConfigError, as those below do: every missing or malformed setting by name, and never a value. */
export function readConfig(env: Env): Config {
  const config = makeConfig(requireSettings(env, settings));
  if (config.post === null || config.post.publicUrl !== null) return config;
  throw new ConfigError(["the setting PUBLIC_URL is missing: with MAIL_SENDER mails link to it"]);
}

/** For what works with the bucket alone. */
export function readStorageLocation(env: Env): StorageLocation {
  return makePlace(requireSettings(env, placeSettings));
}

export function readApiConfig(env: Env): ApiConfig {
  const read = requireSettings(env, apiSettings);
  return { ...makeConfig(read), ...makeAccess(read.values) };
}

export function readStarterConfig(env: Env): StarterConfig {
  const read = requireSettings(env, starterSettings);
  const { EXPORT_WORKFLOW: name, EXPORT_WORKFLOW_QUALIFIER: qualifier, AWS_REGION: region } = read.values;
  return { ...makeConfig(read), workflow: { name, qualifier, region } };
}

export function readHttpConfig(env: Env): HttpConfig {
  const { values } = requireSettings(env, httpSettings);
  return { ...readStarterConfig(env), ...makeAccess(values) };
}

function makeAccess({ ACCESS_TOKEN, PORTAL_WEBHOOK_SECRETS }: SettingValues<typeof apiSettings>) {
  return { accessTokens: ACCESS_TOKEN, noticeSecrets: PORTAL_WEBHOOK_SECRETS };
}

type Read<S extends Settings> = {
  values: SettingValues<S>;
  server: SettingValues<typeof serverSettings> | null;
};

/** Finds a setting's text where it stands; what is empty is not set. */
export function findSettingIn(env: Env): (name: string) => string | undefined {
  return (name) => env[name]?.trim() || readLink(name) || undefined;
}

function requireSettings<S extends Settings>(env: Env, wanted: S): Read<S> {
  const find = findSettingIn(env);
  const { values, faults } = readSettings(wanted, find);
  const server = find("S3_ENDPOINT") === undefined ? null : readSettings(serverSettings, find);
  const all = [...faults, ...(server?.faults ?? [])];
  if (all.length > 0) throw new ConfigError(all);
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
    bucket: makePlace({ values, server }),
    post: makePost(values),
  };
}

function makePlace({ values, server }: Read<typeof placeSettings>): StorageLocation {
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

function makePost(values: SettingValues<typeof settings>): MailerSettings | null {
  const { MAIL_SENDER: sender, PUBLIC_URL: publicUrl, SES_ENDPOINT: endpoint } = values;
  const { MAIL_CONFIGURATION_SET: configurationSet, AWS_REGION: region } = values;
  return sender === null ? null : { sender, configurationSet, publicUrl, region, endpoint };
}

/** Where a setting stands in the cloud. Reading a link that is not there throws. */
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
