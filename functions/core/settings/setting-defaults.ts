import {
  baseUrlSetting,
  countSetting,
  defaultTimeZone,
  mailAddressSetting,
  type Settings,
  timeZoneSetting,
  withFallback,
} from "./setting-rules.ts";

/** Lambda sets AWS_REGION; this default is for a deployment and for a developer's machine. */
export const defaultRegion = "eu-central-1";

/**
 * The settings that a deployer chooses and the functions read, each with its default and its bounds. A deployment checks
 * them, and gives every function their values.
 */
export const sharedSettings = {
  PORTAL_API_URL: withFallback(baseUrlSetting, "https://api.mijnklantportaal.nl/v1"),
  // A day at most: a workflow that waits longer would run out of its own time.
  PORTAL_RATE_WINDOW_SECONDS: withFallback(countSetting({ min: 1, max: 86_400 }), 60),
  PORTAL_RATE_RESERVE: withFallback(countSetting({ min: 0 }), 0),
  /** A refresh reads an expired offer again for this many days: the customer may still accept it. */
  REFRESH_LATE_DAYS: withFallback(countSetting({ min: 0, max: 36_500 }), 60),
  REPORT_TIMEZONE: withFallback(timeZoneSetting, defaultTimeZone),
  // S3 signs a link for a week at most.
  LINK_SECONDS: withFallback(countSetting({ min: 1, max: 604_800 }), 900),
  /** The sender of reports. Without it no mails are sent. */
  MAIL_SENDER: withFallback(mailAddressSetting, null),
} satisfies Settings;

/**
 * Settings that only the deployment uses. The local stack checks them too, so that a mistake shows early. This is a
 * function so that bundlers can leave it out.
 */
export function makeDeploymentSettings() {
  return {
    SNAPSHOT_DAYS: withFallback(countSetting({ min: 1 }), 40),
    FILE_DAYS: withFallback(countSetting({ min: 1 }), 30),
    RESERVED_CONCURRENCY: withFallback(countSetting({ min: 0 }), 10),
  };
}
