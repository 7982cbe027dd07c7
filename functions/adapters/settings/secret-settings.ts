import {
  noPortalWebhookSecrets,
  parsePortalWebhookSecrets,
  portalWebhookHint,
} from "../../core/portal-webhooks/portal-webhook.ts";
import { type Setting, type Settings, textSetting, withFallback } from "../../core/settings/setting-rules.ts";

/** The access tokens, separated by commas. They are visible ASCII only, so that a header carries them unchanged. */
const tokensSetting: Setting<[string, ...string[]]> = {
  hint: "must have at least 16 characters in each token, and no spaces",
  read: (given) => {
    const [first = "", ...others] = given.split(",").map((token) => token.trim());
    return [first, ...others].every((token) => /^[\x21-\x7e]{16,}$/.test(token)) ? [first, ...others] : null;
  },
};

/** The settings that are secrets of a deployment. A deployment checks them, and links them to functions. */
export const secretSettings = {
  PORTAL_API_KEY: textSetting("must be a key without spaces or line ends", (key) =>
    /^[\x21-\x7e]+$/.test(key),
  ),
  ACCESS_TOKEN: tokensSetting,
  PORTAL_WEBHOOK_SECRETS: withFallback(
    { hint: portalWebhookHint, read: parsePortalWebhookSecrets },
    noPortalWebhookSecrets,
  ),
} satisfies Settings;
