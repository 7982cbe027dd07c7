import { readWebhooks } from "../functions/adapters/webhook/webhook-receivers.ts";
import { secretSettings } from "../functions/adapters/settings/secret-settings.ts";
import { ConfigError } from "../functions/core/settings/setting-rules.ts";
import { findSetting, region } from "./stage.ts";

/**
 * The workflow's fixed name. The function behind the URL needs the name, and the workflow needs the function URL for
 * links in mails. Resources cannot depend on each other in a circle, so the name does not depend on the workflow.
 */
export const workflowName = `${$app.name}-${$app.stage}-Export`;

/**
 * The alias of the workflow's latest version. Callers of the alias use a new version at once, without a new permission.
 */
export const qualifier = "live";

export const { accountId } = aws.getCallerIdentityOutput();
export const { partition } = aws.getPartitionOutput();
const arn = $interpolate`arn:${partition}:lambda:${region}:${accountId}:function:${workflowName}:${qualifier}`;

/** Linked to functions that start exports. Linking the workflow itself would also let them stop and read executions. */
export const exportWorkflow = new sst.Linkable("ExportWorkflow", {
  properties: { name: workflowName, qualifier },
  include: [sst.aws.permission({ actions: ["lambda:InvokeFunction"], resources: [arn] })],
});

export const secret = {
  PortalApiKey: new sst.Secret("PortalApiKey"),
  AccessToken: new sst.Secret("AccessToken"),
  // This secret is empty unless the portal's webhooks are registered.
  PortalWebhookSecrets: new sst.Secret("PortalWebhookSecrets", ""),
  // This secret is empty unless WEBHOOKS is set.
  WebhookSecret: new sst.Secret("WebhookSecret", ""),
};

const addresses = findSetting("WEBHOOKS") ?? "";

/**
 * Returns the secret's value; undefined when it is not set. Malformed secrets must stop the deployment. So they are read
 * from the variables in which SST's command line passes them. The value of an `sst.Secret` would be available too late.
 */
function readSecret(name: keyof typeof secret): string | undefined {
  return findSetting(`SST_SECRET_${name}`);
}

const secretNames = [
  ["PortalApiKey", "PORTAL_API_KEY"],
  ["AccessToken", "ACCESS_TOKEN"],
  ["PortalWebhookSecrets", "PORTAL_WEBHOOK_SECRETS"],
] as const;

const faults = secretNames.flatMap(([secretName, name]) => {
  const { hint, read } = secretSettings[name];
  const text = readSecret(secretName);
  const isMalformed = text !== undefined && read(text) === null;
  return isMalformed ? [`the setting ${name} (the secret ${secretName}) is malformed: ${hint}`] : [];
});
if (faults.length > 0) throw new ConfigError(faults);

readWebhooks((name) => (name === "WEBHOOK_SECRET" ? readSecret("WebhookSecret") : findSetting(name)));

/**
 * Links the addresses of webhook receivers. They are encrypted like a secret, because anybody who knows an address can
 * post to it. A function's environment would not be encrypted like this.
 */
const webhooks = new sst.Linkable("Webhooks", { properties: { addresses: $util.secret(addresses) } });

export const webhookLinks = [secret.WebhookSecret, webhooks];
