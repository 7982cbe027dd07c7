import { readWebhooks } from "../functions/adapters/webhook/webhook-receivers.ts";
import { region } from "./settings.ts";

/**
 * Fixed, so that what starts exports names the workflow before it is there: the workflow itself is told the function
 * URL, to link to it in mails, and a circle cannot be deployed.
 */
export const workflowName = `${$app.name}-${$app.stage}-Export`;

/** Each deployment publishes a version: by this name it is invoked without a new right or a moment of refusal. */
export const qualifier = "live";

const { accountId } = aws.getCallerIdentityOutput();
const { partition } = aws.getPartitionOutput();
const arn = $interpolate`arn:${partition}:lambda:${region}:${accountId}:function:${workflowName}:${qualifier}`;

/** What starts exports links this: a workflow itself would bring the rights to stop and to read executions. */
export const exportWorkflow = new sst.Linkable("ExportWorkflow", {
  properties: { name: workflowName, qualifier },
  include: [sst.aws.permission({ actions: ["lambda:InvokeFunction"], resources: [arn] })],
});

export const secret = {
  PortalApiKey: new sst.Secret("PortalApiKey"),
  AccessToken: new sst.Secret("AccessToken"),
  // Empty until the portal's webhooks are registered, if ever.
  PortalWebhookSecrets: new sst.Secret("PortalWebhookSecrets", ""),
  // Empty until it is set: without webhooks nobody needs it.
  WebhookSecret: new sst.Secret("WebhookSecret", ""),
};

const addresses = process.env["WEBHOOKS"]?.trim() ?? "";

// Where SST's command line leaves what `sst secret set` was given, which the secret itself tells too late to refuse.
const texts = new Map([
  ["WEBHOOKS", addresses],
  ["WEBHOOK_SECRET", process.env["SST_SECRET_WebhookSecret"] ?? ""],
]);
readWebhooks((name) => texts.get(name) || undefined);

/** Sealed like a secret, which no variable of a function is: who knows such an address can post to it. */
const webhooks = new sst.Linkable("Webhooks", { properties: { addresses: $util.secret(addresses) } });

/** What tells webhooks of exports links these. */
export const webhookLinks = [secret.WebhookSecret, webhooks];
