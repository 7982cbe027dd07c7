import { sharedSettings } from "../../functions/core/settings/setting-defaults.ts";
import { findMisspelt, type MisspeltName } from "../../functions/core/settings/setting-names.ts";
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
  return listMisspelt(env).map((one) => `NOT USED: ${explainMisspelt(one)}`);
}

function listMisspelt(env: Env): MisspeltName[] {
  return findMisspelt(
    Object.keys(env).filter((name) => env[name]?.trim()),
    settingNames,
  );
}

const explainMisspelt = ({ name, nearest }: MisspeltName) =>
  `there is no setting ${name}; is ${nearest} meant?`;

/**
 * Throws when a setting about the portal is given but not used, so that a command would save the demo portal's offers as
 * if they were the portal's own.
 */
export function rejectInventedOffers(env: Env): void {
  if (env["PORTAL_API_URL"]?.trim()) return;
  const isAboutPortal = ({ name, nearest }: MisspeltName) =>
    [name, nearest].some((one) => one.toUpperCase().startsWith("PORTAL_"));
  const reasons = listMisspelt(env).filter(isAboutPortal).map(explainMisspelt);
  if (hasUnusedKey(env)) reasons.unshift("PORTAL_API_KEY is set, but PORTAL_API_URL is not.");
  if (reasons.length === 0) return;
  throw new Error(
    `nothing was exported: ${reasons.join(" ")} Without PORTAL_API_URL there are only the demo portal's invented ` +
      `offers. ${ownAddress}`,
  );
}

const ownAddress = `For your own set PORTAL_API_URL=${sharedSettings.PORTAL_API_URL.fallback} too`;

/** True when the portal's key is set but its address is not, so that the demo portal takes its place. */
export function hasUnusedKey(env: Env): boolean {
  return Boolean(env["PORTAL_API_KEY"]?.trim()) && !env["PORTAL_API_URL"]?.trim();
}

export const unusedKey =
  "NOT USED: the setting PORTAL_API_KEY. PORTAL_API_URL is not set, so these are the demo portal's invented offers. " +
  ownAddress;
