import {
  countSetting,
  defaultTimeZone,
  mailAddressSetting,
  secureUrlSetting,
  type Settings,
  timeZoneSetting,
  withFallback,
} from "./setting-rules.ts";

/** The version of this program. A test checks that package.json has the same version. */
export const version = "0.1.0";

/** The AWS region for a deployment and for a developer's machine. In Lambda, AWS_REGION names the region. */
export const defaultRegion = "eu-central-1";

/**
 * The settings that a deployer chooses and that the functions read. Each setting has a default and bounds. A deployment
 * checks these settings and gives their values to every function.
 */
export const sharedSettings = {
  PORTAL_API_URL: withFallback(secureUrlSetting, "https://api.mijnklantportaal.nl/v1"),
  // The window is at most a day, because a workflow that waits longer would exceed its own time limit.
  PORTAL_RATE_WINDOW_SECONDS: withFallback(countSetting({ min: 1, max: 86_400 }), 60),
  PORTAL_RATE_RESERVE: withFallback(countSetting({ min: 0 }), 0),
  /**
   * For this many days after an offer has expired without a decision, a refresh reads the offer again. The customer may
   * still accept the offer.
   */
  REFRESH_LATE_DAYS: withFallback(countSetting({ min: 0, max: 36_500 }), 60),
  REPORT_TIMEZONE: withFallback(timeZoneSetting, defaultTimeZone),
  // A link is valid for at most a week, because S3 signs no link for longer.
  LINK_SECONDS: withFallback(countSetting({ min: 1, max: 604_800 }), 900),
  /** The mail address from which reports are sent. Without this setting no mails are sent. */
  MAIL_SENDER: withFallback(mailAddressSetting, null),
} satisfies Settings;

/**
 * Returns the settings that only a deployment uses. The local stack checks these settings, too, so that a mistake
 * shows early. This is a function so that bundlers can leave it out of programs that do not call it.
 */
export function makeDeploymentSettings() {
  return {
    SNAPSHOT_DAYS: withFallback(countSetting({ min: 1 }), 40),
    FILE_DAYS: withFallback(countSetting({ min: 1 }), 30),
    RESERVED_CONCURRENCY: withFallback(countSetting({ min: 0 }), 10),
  };
}
