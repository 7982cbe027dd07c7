import { readSchedules } from "../functions/core/schedule/schedules.ts";
import { makeDeploymentSettings, sharedSettings } from "../functions/core/settings/setting-defaults.ts";
import {
  ConfigError,
  readSettings,
  textSetting,
  withFallback,
} from "../functions/core/settings/setting-rules.ts";
import { findSetting } from "./stage.ts";

const emailSetting = textSetting("must be a mail address", (text) => /^[^\s@]+@[^\s@]+$/.test(text));

const shared = readSettings(sharedSettings, findSetting);
const own = readSettings(
  { ...makeDeploymentSettings(), ALARM_EMAIL: withFallback(emailSetting, null) },
  findSetting,
);
const faults = [...shared.faults, ...own.faults];
if (faults.length > 0) throw new ConfigError(faults);

/** The settings that a deployer sets in the environment. infra/linked-resources.ts has the secrets. */
export const { REPORT_TIMEZONE: timeZone, MAIL_SENDER: mailSender } = shared.values;
export const {
  SNAPSHOT_DAYS: snapshotDays,
  FILE_DAYS: fileDays,
  RESERVED_CONCURRENCY: reservedConcurrency,
  ALARM_EMAIL: alarmEmail,
} = own.values;

export const schedules = readSchedules(process.env);

/**
 * Limits V8's heap, in MB, for a function of 1,024 MB. V8 then collects garbage early, instead of letting the heap grow
 * with the file that the function writes. Also turns off the warning DEP0005 about `Buffer()`. exceljs uses `Buffer()`
 * safely, but in a bundle Node takes the call for the program's own code and would log the warning.
 */
export const nodeOptions = "--max-old-space-size=512 --max-semi-space-size=4 --disable-warning=DEP0005";

/** The environment variables with the settings that the functions read. Each variable has the name of its setting. */
export const environment: Record<string, string> = Object.fromEntries(
  Object.entries({ ...shared.values, SNAPSHOT_DAYS: snapshotDays, FILE_DAYS: fileDays }).flatMap(
    ([name, value]) => (value === null ? [] : [[name, String(value)]]),
  ),
);

/**
 * How SST bundles every function. The package `bowser` stays outside the bundle. The SDK loads it with an `import()`
 * that only runs in browsers, but esbuild would bundle it all the same.
 */
export const bundling = { minify: true, esbuild: { external: ["bowser"] } };
