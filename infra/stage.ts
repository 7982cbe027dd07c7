import { existsSync, readFileSync } from "node:fs";
import { defaultRegion } from "../functions/core/settings/setting-defaults.ts";
import {
  ConfigError,
  readSettings,
  type Setting,
  textSetting,
  withFallback,
} from "../functions/core/settings/setting-rules.ts";

// SST asks for these settings before it runs any other file of infra/. settings.ts reads the other settings.

const regionSetting = textSetting(`must be a region such as ${defaultRegion}`, (text) =>
  /^[a-z]{2}(-[a-z]+)+-\d$/.test(text),
);

const flagSetting: Setting<boolean> = {
  hint: "must be true or false",
  read: (text) => (text === "true" || text === "false" ? text === "true" : null),
};

/** Returns the text of an environment variable without spaces around it; undefined when it is empty or not set. */
export const findSetting = (name: string) => process.env[name]?.trim() || undefined;

const { values, faults } = readSettings(
  {
    AWS_REGION: withFallback(regionSetting, defaultRegion),
    /** True when a deployer may remove the production stage, with its bucket and all objects in the bucket. */
    REMOVABLE: withFallback(flagSetting, false),
  },
  findSetting,
);
if (faults.length > 0) throw new ConfigError(faults);

export const { AWS_REGION: region } = values;

/** True for a stage whose data must survive the removal of the stage. Every other stage can be removed completely. */
export function isPermanent(stage: string) {
  return stage === "production" && !values.REMOVABLE;
}

/**
 * Throws a ConfigError when a file of settings has names that the environment lacks. SST puts these files into the
 * environment, but ignores a whole file without a word when one line of it is malformed. The deployment would then have
 * other settings, and even be in another region.
 */
export function requireSettingFiles(stage: string) {
  const unread = [".env", `.env.${stage}`].flatMap((file) => {
    const names = listNames(file).filter((name) => process.env[name] === undefined);
    return names.length > 0 ? [`SST has not read ${names.join(", ")} from ${file}: ${fileHint}`] : [];
  });
  if (unread.length > 0) throw new ConfigError(unread);
}

const fileHint =
  "a line of the file is malformed. Each line must be NAME=value, and a value of several lines must stand between " +
  "single quotes";

function listNames(file: string): string[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").matchAll(/^[ \t]*(?:export[ \t]+)?([A-Z][A-Z0-9_]*)[ \t]*=/gm);
  return [...lines].map(([, name = ""]) => name);
}
