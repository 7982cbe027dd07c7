import { secret } from "./secret.ts";
import { environment, nodeOptions } from "./setting.ts";
import { allowBucket, reportBucket } from "./storage.ts";
import { webhookLinks } from "./webhook.ts";

const workflow = new sst.aws.Workflow("Export", {
  handler: "functions/export.handler",
  nodejs: { minify: true },
  runtime: "nodejs24.x",
  architecture: "arm64",
  memory: "1024 MB",
  timeout: {
    invocation: "15 minutes",
    // 45,000 pages at 58 useful requests a minute are 12.9 hours, and another crawl as long may come first.
    execution: "30 hours",
  },
  // A name starts nothing twice for as long; ids are made once, so it only has to outlast the search for a fault.
  retention: "14 days",
  link: [secret.PortalApiKey, reportBucket, ...webhookLinks],
  permissions: allowBucket({
    GetObject: ["claims", "customers", "exports", "snapshots"],
    PutObject: ["claims", "customers", "exports", "files", "snapshots"],
    DeleteObject: ["files", "snapshots"],
    AbortMultipartUpload: ["files"],
    ListBucket: ["files", "snapshots"],
  }),
  environment: { ...environment, NODE_OPTIONS: nodeOptions },
  logging: { format: "json", retention: "3 months" },
});

/** Each deployment publishes a version: by this name it is invoked without a new right or a moment of refusal. */
const live = new aws.lambda.Alias("ExportLive", {
  name: "live",
  functionName: workflow.name,
  functionVersion: workflow.nodes.function.nodes.function.version,
});

/** What starts exports links this: a workflow itself would bring the rights to stop and to read executions. */
export const exportWorkflow = new sst.Linkable("ExportWorkflow", {
  properties: { name: workflow.name, qualifier: live.name },
  include: [sst.aws.permission({ actions: ["lambda:InvokeFunction"], resources: [live.arn] })],
});
