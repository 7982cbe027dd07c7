import { isBaseUrl } from "../../functions/core/setting.ts";
import { ConfigError, orElse, readSettings as readAll, text } from "../../functions/io/setting.ts";

const hint = "must be an http or https address without a user name, a query or a fragment";

const settings = {
  PORTAL_API_URL: orElse(text(hint, isBaseUrl), "https://api.mijnklantportaal.nl/v1"),
  PORTAL_API_KEY: text("must be a key without spaces or line ends", (key) => /^[\x21-\x7e]+$/.test(key)),
  LOCAL_DIR: orElse(text(), ".local"),
};

/** What registers and removes webhooks at the portal. Throws an error that names what is wrong in one line. */
export function readSettings(env: Record<string, string | undefined>) {
  const { values, faults } = readAll(settings, (name) => env[name]?.trim() || undefined);
  if (faults.length > 0) throw new ConfigError(faults);
  const { PORTAL_API_URL: url, PORTAL_API_KEY: key, LOCAL_DIR: directory } = values;
  return { portal: { url: url.replace(/\/+$/, ""), key }, directory };
}

/** Where the portal is to tell of offers: what a type of webhook is registered with. Throws for what is no address. */
export function readAddress(given: string | undefined): (type: string) => string {
  if (given === undefined || !isBaseUrl(given))
    throw new Error(`give the address of the deployment, its url: it ${hint}`);
  return (type) => `${given.replace(/\/+$/, "")}/portal/${type}`;
}
