import { defaultSchedules, type Schedule, SchedulesText } from "./schedules.ts";
import { ConfigError } from "../settings/setting-rules.ts";

/**
 * Throws a ConfigError. Apart from the other settings, because reading schedules takes libraries that the
 * functions without any can do without.
 */
export function readSchedules(env: Record<string, string | undefined>): Schedule[] {
  const text = env["SCHEDULES"]?.trim();
  if (!text) return defaultSchedules;
  const { data, error } = SchedulesText.safeParse(text);
  if (data?.some(({ recipients }) => recipients !== undefined) && !env["MAIL_SENDER"]?.trim())
    throw new ConfigError(["the setting MAIL_SENDER is missing: SCHEDULES has recipients"]);
  if (data !== undefined) return data;
  throw new ConfigError(error.issues.map(({ message }) => `the setting SCHEDULES is malformed: ${message}`));
}
