import { readWebhooks } from "../functions/adapters/webhook/webhook-receivers.ts";
import { region } from "./settings.ts";

/**
 * The workflow's fixed name. The function behind the URL needs the name, and the workflow needs the function URL for
 * links in mails. Resources cannot depend on each other in a circle, so the name does not depend on the workflow.
 */
export const workflowName = `${$app.name}-${$app.stage}-Export`;

/**
 * The alias of the workflow's latest version. Callers of the alias use a new version at once, without a new permission.
 */
export const qualifier = "live";

const { accountId } = aws.getCallerIdentityOutput();
const { partition } = aws.getPartitionOutput();
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

const addresses = process.env["WEBHOOKS"]?.trim() ?? "";

// Malformed settings must stop the deployment. So the secret is read from the variable in which SST's command line
// passes it. The value of an `sst.Secret` would be available too late.
const texts = new Map([
  ["WEBHOOKS", addresses],
  ["WEBHOOK_SECRET", process.env["SST_SECRET_WebhookSecret"] ?? ""],
]);
readWebhooks((name) => texts.get(name) || undefined);

/**
 * Links the addresses of webhook receivers. They are encrypted like a secret, because anybody who knows an address can
 * post to it. A function's environment would not be encrypted like this.
 */
const webhooks = new sst.Linkable("Webhooks", { properties: { addresses: $util.secret(addresses) } });

export const webhookLinks = [secret.WebhookSecret, webhooks];
