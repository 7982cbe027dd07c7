import { join, relative } from "node:path";
import { buildPage } from "../local/build-page.ts";
import { allowBucket, reportBucket } from "./bucket.ts";
import { exportWorkflow, secret } from "./linked-resources.ts";
import { bundling, environment, reservedConcurrency } from "./settings.ts";

const { root, work } = $cli.paths;

/** The page's files, built for this deployment. */
export const web = { from: relative(root, await buildPage(root, join(work, "web"))), to: "web" };

export const http = new sst.aws.Function("Http", {
  handler: "functions/http.handler",
  copyFiles: [web],
  // Splitting puts lazy imports into separate files, which the page and a refusal do not load.
  nodejs: { ...bundling, splitting: true },
  runtime: "nodejs24.x",
  architecture: "arm64",
  timeout: "30 seconds",
  memory: "512 MB",
  streaming: false,
  // The handler checks an access token itself.
  url: { authorization: "none", cors: false },
  link: [secret.PortalApiKey, secret.PortalWebhookSecrets, secret.AccessToken, reportBucket, exportWorkflow],
  permissions: allowBucket({
    GetObject: ["claims", "deliveries", "exports", "files", "shares"],
    PutObject: ["claims", "exports", "shares"],
    DeleteObject: ["deliveries", "exports", "files", "shares", "snapshots"],
    ListBucket: ["exports", "files", "shares", "snapshots"],
  }),
  environment,
  logging: { format: "json", retention: "3 months" },
  transform: {
    function: (args) => {
      // In a flood of requests, Lambda's own lines about each invocation would cost more than the invocations.
      args.loggingConfig = $output(args.loggingConfig).apply((logging) => ({
        logFormat: "JSON",
        ...logging,
        systemLogLevel: "WARN",
      }));
    },
  },
  // A reservation of 0 would keep Lambda from running the function at all.
  concurrency: reservedConcurrency > 0 ? { reserved: reservedConcurrency } : undefined,
});
