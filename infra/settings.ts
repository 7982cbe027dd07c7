import { readSchedules } from "../functions/core/schedule/schedules.ts";
import {
  defaultRegion,
  makeDeploymentSettings,
  sharedSettings,
} from "../functions/core/settings/setting-defaults.ts";
import {
  ConfigError,
  readSettings,
  type Setting,
  textSetting,
  withFallback,
} from "../functions/core/settings/setting-rules.ts";

const regionSetting = textSetting(`must be a region such as ${defaultRegion}`, (text) =>
  /^[a-z]{2}(-[a-z]+)+-\d$/.test(text),
);

const emailSetting = textSetting("must be a mail address", (text) => /^[^\s@]+@[^\s@]+$/.test(text));

const flagSetting: Setting<boolean> = {
  hint: "must be true or false",
  read: (text) => (text === "true" || text === "false" ? text === "true" : null),
};

const find = (name: string) => process.env[name]?.trim() || undefined;

const shared = readSettings(sharedSettings, find);
const own = readSettings(
  {
    ...makeDeploymentSettings(),
    AWS_REGION: withFallback(regionSetting, defaultRegion),
    /** True when a deployer may remove production, with its bucket and all objects in it. */
    REMOVABLE: withFallback(flagSetting, false),
    ALARM_EMAIL: withFallback(emailSetting, null),
  },
  find,
);
const faults = [...shared.faults, ...own.faults];
if (faults.length > 0) throw new ConfigError(faults);

/** A deployer sets these in the environment. Secrets are in linked-resources.ts. */
export const { REPORT_TIMEZONE: timeZone, MAIL_SENDER: mailSender } = shared.values;
export const {
  AWS_REGION: region,
  SNAPSHOT_DAYS: snapshotDays,
  FILE_DAYS: fileDays,
  RESERVED_CONCURRENCY: reservedConcurrency,
  ALARM_EMAIL: alarmEmail,
} = own.values;

export const schedules = readSchedules(process.env);

/**
 * V8's heap limits in MB, for a function of 1,024 MB. V8 then collects garbage early, instead of letting the heap
 * grow with the file that the function writes. DEP0005 warns of Buffer(). exceljs uses Buffer() safely, but in a
 * bundle Node takes the call for our own code and logs the warning.
 */
export const nodeOptions = "--max-old-space-size=512 --max-semi-space-size=4 --disable-warning=DEP0005";

/** The variables that every function gets, under the settings' own names. */
export const environment: Record<string, string> = Object.fromEntries(
  Object.entries({ ...shared.values, SNAPSHOT_DAYS: snapshotDays, FILE_DAYS: fileDays }).flatMap(
    ([name, value]) => (value === null ? [] : [[name, String(value)]]),
  ),
);

/** True for a stage whose data must survive a removal. Every other stage can be removed completely. */
export function isPermanent(stage: string) {
  return stage === "production" && !own.values.REMOVABLE;
}

/**
 * How SST bundles every function. The SDK loads bowser with an `import()` that only runs in browsers. esbuild would
 * bundle it anyway, so it stays outside the bundle.
 */
export const bundling = { minify: true, esbuild: { external: ["bowser"] } };
