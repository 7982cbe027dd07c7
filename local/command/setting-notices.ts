import { findMisspelt } from "../../functions/core/settings/setting-names.ts";
import { settingNames } from "../stack-settings.ts";

type Env = Record<string, string | undefined>;

/** Settings that are used only together with another setting. */
const companions = new Map([
  ["REPORT_BUCKET", "S3_ENDPOINT"],
  ["SES_ENDPOINT", "MAIL_SENDER"],
  ["WEBHOOK_SECRET", "WEBHOOKS"],
]);

/** Says which variables of the environment look like settings but are not used. Contains no variable's value. */
export function describeUnusedSettings(env: Env): string[] {
  const isSet = (name: string) => Boolean(env[name]?.trim());
  const lonely = [...companions].flatMap(([name, other]) =>
    isSet(name) && !isSet(other) ? [`NOT USED: the setting ${name} needs ${other}, which is not set`] : [],
  );
  return [...(hasUnusedKey(env) ? [unusedKey] : []), ...describeMisspelt(env), ...lonely];
}

/** Names the variables that are probably misspelt settings. */
export function describeMisspelt(env: Env): string[] {
  const names = Object.keys(env).filter((name) => env[name]?.trim());
  return findMisspelt(names, settingNames).map(
    ({ name, nearest }) => `NOT USED: there is no setting ${name}; is ${nearest} meant?`,
  );
}

/** True when the portal's key is set but its address is not, so that the demo portal takes its place. */
export function hasUnusedKey(env: Env): boolean {
  return Boolean(env["PORTAL_API_KEY"]?.trim()) && !env["PORTAL_API_URL"]?.trim();
}

export const unusedKey =
  "NOT USED: the setting PORTAL_API_KEY. PORTAL_API_URL is not set, so these are the demo portal's invented offers. " +
  "For your own set PORTAL_API_URL=https://api.mijnklantportaal.nl/v1 too";
