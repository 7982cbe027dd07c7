import { createHash } from "node:crypto";
import { sharedSettings } from "../functions/core/settings/setting-defaults.ts";
import { readSettings, trimBaseUrl } from "../functions/core/settings/setting-rules.ts";
import { settingNames } from "./stack-settings.ts";

type Env = Record<string, string | undefined>;

/** Settings that shape no export of a stack: those of its process, and those that only a deployment uses. */
const apart = new Set([
  "PORT",
  "LOCAL_DIR",
  "ACCESS_TOKEN",
  "SNAPSHOT_DAYS",
  "FILE_DAYS",
  "RESERVED_CONCURRENCY",
  "ALARM_EMAIL",
  "REMOVABLE",
]);

const names = settingNames.filter((name) => !apart.has(name) && !name.startsWith("AWS_"));

/**
 * Returns a hash of each setting that shapes exports, so that settings can be compared without showing them. A setting
 * that is not set has the hash of its default.
 */
export function hashSettings(env: Env): Record<string, string> {
  const { PORTAL_API_URL: _, ...shared } = sharedSettings;
  const values: Record<string, unknown> = readSettings(shared, (name) => readText(env, name)).values;
  const url = trimBaseUrl(readText(env, "PORTAL_API_URL") ?? "");
  const all = new Map(names.map((name) => [name, values[name] ?? readText(env, name) ?? null]));
  all.set("PORTAL_API_URL", url);
  return Object.fromEntries([...all].map(([name, value]) => [name, hash(JSON.stringify(value))]));
}

/** Names the settings of `env` that differ from those with the hashes. Settings that are not in `env` do not count. */
export function findOtherSettings(hashes: Record<string, string>, env: Env): string[] {
  const own = hashSettings(env);
  return names.filter(
    (name) => readText(env, name) !== undefined && name in hashes && hashes[name] !== own[name],
  );
}

const readText = (env: Env, name: string) => env[name]?.trim() || undefined;

const hash = (text: string) => createHash("sha256").update(text).digest("hex");
