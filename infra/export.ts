import { allowBucket, reportBucket } from "./bucket.ts";
import { http } from "./http.ts";
import { qualifier, secret, webhookLinks, workflowName } from "./linked-resources.ts";
import { mailing } from "./mail.ts";
import { bundling, environment, nodeOptions } from "./settings.ts";

export const workflow = new sst.aws.Workflow("Export", {
  handler: "functions/export.handler",
  nodejs: bundling,
  runtime: "nodejs24.x",
  architecture: "arm64",
  memory: "1024 MB",
  timeout: {
    invocation: "15 minutes",
    // Enough for two crawls one after the other, and for 3 hours of retries of mails and webhooks. A crawl of 45,000
    // pages takes 12.9 hours at 58 requests a minute.
    execution: "30 hours",
  },
  // Lambda refuses a second execution with the same name for this long. Export ids are unique anyway, so the time only
  // has to be long enough to look into a failure.
  retention: "14 days",
  link: [secret.PortalApiKey, reportBucket, ...webhookLinks],
  permissions: [
    ...allowBucket({
      GetObject: ["claims", "customers", "deliveries", "exports", "snapshots", ...mailing.folders],
      PutObject: ["claims", "customers", "deliveries", "exports", "files", "snapshots", ...mailing.folders],
      DeleteObject: ["files", "snapshots", ...mailing.folders],
      AbortMultipartUpload: ["files"],
      ListBucket: ["files", "snapshots", ...mailing.folders],
    }),
    ...mailing.permissions,
  ],
  environment: { ...environment, ...mailing.environment, PUBLIC_URL: http.url, NODE_OPTIONS: nodeOptions },
  logging: { format: "json", retention: "3 months" },
  transform: { function: { function: { name: workflowName } } },
});

export const live = new aws.lambda.Alias("ExportLive", {
  name: qualifier,
  functionName: workflow.name,
  functionVersion: workflow.nodes.function.nodes.function.version,
});
