import { readWebhooks } from "../functions/adapters/webhook/webhook-receivers.ts";
import { region } from "./settings.ts";

/**
 * A fixed name, because the function behind the URL needs it before the workflow exists. The workflow in turn needs the
 * function URL, for links in mails, and resources cannot depend on each other in a circle.
 */
export const workflowName = `${$app.name}-${$app.stage}-Export`;

/** The alias of the latest version. With it, a new version needs no new permission and is available at once. */
export const qualifier = "live";

const { accountId } = aws.getCallerIdentityOutput();
const { partition } = aws.getPartitionOutput();
const arn = $interpolate`arn:${partition}:lambda:${region}:${accountId}:function:${workflowName}:${qualifier}`;

/** For functions that start exports. Linking the workflow itself would also grant stopping and reading executions. */
export const exportWorkflow = new sst.Linkable("ExportWorkflow", {
  properties: { name: workflowName, qualifier },
  include: [sst.aws.permission({ actions: ["lambda:InvokeFunction"], resources: [arn] })],
});

export const secret = {
  PortalApiKey: new sst.Secret("PortalApiKey"),
  AccessToken: new sst.Secret("AccessToken"),
  // Empty unless the portal's webhooks are registered.
  PortalWebhookSecrets: new sst.Secret("PortalWebhookSecrets", ""),
  // Empty unless WEBHOOKS is set.
  WebhookSecret: new sst.Secret("WebhookSecret", ""),
};

const addresses = process.env["WEBHOOKS"]?.trim() ?? "";

// SST's command line passes secrets in variables. A Secret's own value is available too late to stop the deployment.
const texts = new Map([
  ["WEBHOOKS", addresses],
  ["WEBHOOK_SECRET", process.env["SST_SECRET_WebhookSecret"] ?? ""],
]);
readWebhooks((name) => texts.get(name) || undefined);

/** The addresses are encrypted like a secret, unlike a function's environment: anybody who knows one can post to it. */
const webhooks = new sst.Linkable("Webhooks", { properties: { addresses: $util.secret(addresses) } });

/** For functions that send webhooks. */
export const webhookLinks = [secret.WebhookSecret, webhooks];
