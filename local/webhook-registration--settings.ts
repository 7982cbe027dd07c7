import { trimBaseUrl } from "../functions/core/settings/setting-rules--setting.ts";
import { addressSetting, portalSettings } from "../functions/adapters/settings/settings.ts";
import { ConfigError, withFallback, readSettings as readAll, textSetting } from "../functions/core/settings/setting-rules.ts";

const settings = { ...portalSettings, LOCAL_DIR: withFallback(textSetting(), ".local") };

/** What registers and removes webhooks at the portal. Throws an error that names what is wrong in one line. */
export function readSettings(env: Record<string, string | undefined>) {
  const { values, faults } = readAll(settings, (name) => env[name]?.trim() || undefined);
  if (faults.length > 0) throw new ConfigError(faults);
  const { PORTAL_API_URL: url, PORTAL_API_KEY: key, LOCAL_DIR: directory } = values;
  return { portal: { url: trimBaseUrl(url), key }, directory };
}

/** Where the portal is to tell of offers: what a type of webhook is registered with. Throws for what is no address. */
export function readAddress(given: string | undefined): (type: string) => string {
  const url = given === undefined ? null : addressSetting.read(given);
  if (url === null) throw new Error(`give the address of the deployment, its url: it ${addressSetting.hint}`);
  return (type) => `${trimBaseUrl(url)}/portal/${type}`;
}
