import { randomBytes } from "node:crypto";
import { makeDeploymentSettings, sharedSettings } from "../functions/core/settings/setting-defaults.ts";
import {
  countSetting,
  readSettings as readAll,
  rejectFaults,
  textSetting,
  withFallback,
} from "../functions/core/settings/setting-rules.ts";

const settings = {
  PORT: withFallback(countSetting({ min: 0, max: 65_535 }), 8787),
  LOCAL_DIR: withFallback(textSetting(), ".local"),
  PORTAL_API_URL: withFallback(textSetting(), null),
  ACCESS_TOKEN: withFallback(textSetting(), null),
  S3_ENDPOINT: withFallback(textSetting(), null),
  MAIL_SENDER: sharedSettings.MAIL_SENDER,
  SES_ENDPOINT: withFallback(textSetting(), null),
  ...makeDeploymentSettings(),
};

/** The names of all settings: those of the local stack, of a deployment and of its functions. */
export const settingNames = [
  ...Object.keys({ ...sharedSettings, ...settings }),
  "PORTAL_API_KEY",
  "PORTAL_WEBHOOK_SECRETS",
  "WEBHOOKS",
  "WEBHOOK_SECRET",
  "SCHEDULES",
  "REPORT_BUCKET",
  "AWS_REGION",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "PUBLIC_URL",
  "MAIL_CONFIGURATION_SET",
  "ALARM_EMAIL",
  "REMOVABLE",
];

/**
 * The settings of the local stack. When `portalUrl` or `s3Endpoint` is null, the stack starts a demo portal or an S3
 * server. When `accessToken` is null, the stack makes a token. When `mailSender` is null, the stack sends no mails.
 */
export type LocalSettings = {
  port: number;
  directory: string;
  portalUrl: string | null;
  s3Endpoint: string | null;
  accessToken: string | null;
  mailSender: string | null;
  /** True when mails go to the SES emulator of the stack. */
  sendsMails: boolean;
  demo: DemoChoice;
};

/** The options of the demo portal that a command may set. Null keeps the value of the demo portal in the folder. */
export type DemoChoice = {
  /** The speed of the clock that waits and the demo portal use; 1, the first demo's, is real time. */
  speed: number | null;
  /** The number of offers in the demo portal; some hundreds in the first one. */
  offers: number | null;
};

/**
 * Reads the settings of the local stack. Throws an error that names all faults of the environment variables in one
 * line.
 */
export function readSettings(
  env: Record<string, string | undefined>,
  demo: DemoChoice = { speed: null, offers: null },
): LocalSettings {
  const { values, faults } = readAll(settings, (name) => env[name]?.trim() || undefined);
  rejectFaults(faults);
  if (values.PORTAL_API_URL !== null) rejectDemoFlags(demo);
  return {
    port: values.PORT,
    directory: values.LOCAL_DIR,
    portalUrl: values.PORTAL_API_URL,
    s3Endpoint: values.S3_ENDPOINT,
    accessToken: values.ACCESS_TOKEN,
    mailSender: values.MAIL_SENDER,
    sendsMails: values.MAIL_SENDER !== null && values.SES_ENDPOINT === null,
    demo,
  };
}

function rejectDemoFlags({ speed, offers }: DemoChoice): void {
  if (speed !== null)
    throw new Error("--clock is for the demo portal: another portal's rate limit has its own clock");
  if (offers !== null) throw new Error("--offers is for the demo portal: PORTAL_API_URL names another one");
}

/** Makes a random token or key. */
export function makeSecret(): string {
  return randomBytes(24).toString("base64url");
}

/** Sets the log level to errors and turns metrics off, unless the environment sets these variables already. */
export function silenceLogs(env: NodeJS.ProcessEnv): void {
  env["POWERTOOLS_LOG_LEVEL"] ??= "ERROR";
  env["POWERTOOLS_METRICS_DISABLED"] ??= "true";
}
