import { defaultLateDays } from "../functions/core/offer/expiry-days.ts";
import { readSchedules } from "../functions/core/schedule/schedules.ts";
import {
  isBaseUrl,
  isMailAddress,
  isTimeZone,
  isWholeNumber,
  type SettingBounds,
} from "../functions/core/settings/setting-rules.ts";

/** What a deployer may set in the environment; secrets are in secret.ts. */
export const region = readText("AWS_REGION", "eu-central-1", (text) => /^[a-z]{2}(-[a-z]+)+-\d$/.test(text));
export const snapshotDays = readCount("SNAPSHOT_DAYS", 40, { least: 1 });
export const fileDays = readCount("FILE_DAYS", 30, { least: 1 });
/** Whether production may be taken away, and its bucket with all that is in it. */
export const removable = readText("REMOVABLE", "false", (text) => /^(true|false)$/.test(text)) === "true";
export const reservedConcurrency = readCount("RESERVED_CONCURRENCY", 10, { least: 0 });

export const schedules = readSchedules(process.env);
/** Empty for none. */
export const alarmEmail = readText("ALARM_EMAIL", "", (text) => /^([^\s@]+@[^\s@]+)?$/.test(text));
/** Empty for none: reports are mailed to nobody then. */
export const mailSender = readText("MAIL_SENDER", "", (text) => text === "" || isMailAddress(text));

/**
 * In MB, of a function that has 1,024: V8 collects in time instead of growing with the file that it writes. The
 * warning is about exceljs's use of Buffer(), which is safe; in a bundle Node takes it for ours and logs it.
 */
export const nodeOptions = "--max-old-space-size=512 --max-semi-space-size=4 --disable-warning=DEP0005";

/** Reaches every function under the same names. */
export const environment = {
  PORTAL_API_URL: readText("PORTAL_API_URL", "https://api.mijnklantportaal.nl/v1", isBaseUrl),
  PORTAL_RATE_WINDOW_SECONDS: String(readCount("PORTAL_RATE_WINDOW_SECONDS", 60, { least: 1, most: 86_400 })),
  PORTAL_RATE_RESERVE: String(readCount("PORTAL_RATE_RESERVE", 0, { least: 0 })),
  REFRESH_LATE_DAYS: String(readCount("REFRESH_LATE_DAYS", defaultLateDays, { least: 0, most: 36_500 })),
  REPORT_TIMEZONE: readText("REPORT_TIMEZONE", "Europe/Amsterdam", isTimeZone),
  // S3 signs for a week at most.
  LINK_SECONDS: String(readCount("LINK_SECONDS", 900, { least: 1, most: 604_800 })),
  SNAPSHOT_DAYS: String(snapshotDays),
  FILE_DAYS: String(fileDays),
  ...(mailSender !== "" && { MAIL_SENDER: mailSender }),
};

function readText(name: string, fallback: string, isValid: (text: string) => boolean) {
  const text = process.env[name]?.trim() || fallback;
  if (!isValid(text)) throw new Error(`${name} is malformed`);
  return text;
}

function readCount(
  name: string,
  fallback: number,
  { least, most = 1_000_000 }: Pick<SettingBounds, "least"> & Partial<SettingBounds>,
) {
  const text = process.env[name]?.trim() || String(fallback);
  if (!isWholeNumber(text, { least, most }))
    throw new Error(`${name} must be a whole number from ${least} to ${most}`);
  return Number(text);
}

/** Whether the stage holds what nobody may lose; every other stage can be taken away whole. */
export function isPermanent(stage: string) {
  return stage === "production" && !removable;
}

/**
 * How SST bundles every function. The SDK imports bowser for browsers only, and esbuild would write it out unused:
 * it keeps what an `import()` names, even where nothing calls it.
 */
export const bundling = { minify: true, esbuild: { external: ["bowser"] } };
