import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { makeDeploymentSettings, sharedSettings } from "../functions/core/settings/setting-defaults.ts";
import {
  countSetting,
  isWholeNumber,
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
  /** The speed of the clock that waits and the demo portal use; 1 is real time. */
  speed: number;
  /** The number of offers in the demo portal; null means the default of some hundreds. */
  offers: number | null;
};

/**
 * Reads the settings of the local stack. `flags` are the arguments of the command line. Throws an error that names all
 * faults of the environment variables in one line.
 */
export function readSettings(env: Record<string, string | undefined>, flags: string[] = []): LocalSettings {
  const { values, faults } = readAll(settings, (name) => env[name]?.trim() || undefined);
  rejectFaults(faults);
  const { clock, offers } = readFlags(flags);
  if (clock !== null && values.PORTAL_API_URL !== null)
    throw new Error("--clock is for the demo portal: another portal's rate limit has its own clock");
  return {
    port: values.PORT,
    directory: values.LOCAL_DIR,
    portalUrl: values.PORTAL_API_URL,
    s3Endpoint: values.S3_ENDPOINT,
    accessToken: values.ACCESS_TOKEN,
    mailSender: values.MAIL_SENDER,
    sendsMails: values.MAIL_SENDER !== null && values.SES_ENDPOINT === null,
    speed: clock ?? 1,
    offers,
  };
}

/**
 * The maximum speed of the clock. With a faster clock, the waits of a crawl would end before the crawl itself has made
 * progress.
 */
const maxSpeed = 1000;
const maxOffers = 1_000_000;

function readFlags(flags: string[]) {
  const { values } = parseArgs({
    args: flags,
    options: { clock: { type: "string" }, offers: { type: "string" } },
  });
  const read = (name: keyof typeof values, max: number) => {
    const given = values[name];
    if (given === undefined || isWholeNumber(given, { min: 1, max }))
      return given === undefined ? null : Number(given);
    throw new Error(`--${name} takes a whole number from 1 to ${max}`);
  };
  return { clock: read("clock", maxSpeed), offers: read("offers", maxOffers) };
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
