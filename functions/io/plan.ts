import * as z from "zod";
import { defaultSchedules, type Schedule, SchedulesText } from "../core/schedule.ts";
import { ConfigError } from "./setting.ts";

const Settings = z.object({ SCHEDULES: SchedulesText.default(defaultSchedules) });

/**
 * Throws a ConfigError. Apart from the other settings, because reading cron expressions takes a library that the
 * functions which have no schedules can do without.
 */
export function readSchedules(env: Record<string, string | undefined>): Schedule[] {
  const { data, error } = Settings.safeParse({ SCHEDULES: env["SCHEDULES"]?.trim() || undefined });
  if (error) throw new ConfigError(error.issues);
  return data.SCHEDULES;
}
