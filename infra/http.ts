import { join, relative } from "node:path";
import { buildPage } from "../local/build-page.ts";
import { allowBucket, reportBucket } from "./bucket.ts";
import { exportWorkflow, secret } from "./linked-resources.ts";
import { bundling, environment, reservedConcurrency } from "./settings.ts";

const { root, work } = $cli.paths;

/** The folder with the page's built files, and the folder next to the function's bundle into which they are copied. */
export const web = { from: relative(root, await buildPage(root, join(work, "web"))), to: "web" };

export const http = new sst.aws.Function("Http", {
  handler: "functions/http.handler",
  copyFiles: [web],
  // Splitting puts lazily imported code into separate files. Requests for the page and refused requests do not load
  // these files.
  nodejs: { ...bundling, splitting: true },
  runtime: "nodejs24.x",
  architecture: "arm64",
  timeout: "30 seconds",
  memory: "512 MB",
  streaming: false,
  // AWS checks no authorization, because the handler checks the access token itself.
  url: { authorization: "none", cors: false },
  link: [secret.PortalApiKey, secret.PortalWebhookSecrets, secret.AccessToken, reportBucket, exportWorkflow],
  permissions: allowBucket({
    GetObject: ["claims", "deliveries", "exports", "files", "shares"],
    PutObject: ["claims", "deliveries", "exports", "shares"],
    DeleteObject: ["exports", "files", "shares", "snapshots"],
    ListBucket: ["exports", "files", "shares", "snapshots"],
  }),
  environment,
  logging: { format: "json", retention: "3 months" },
  transform: {
    function: (args) => {
      // Turns off the lines that Lambda itself logs about each invocation. In a flood of requests they would cost more
      // than the invocations.
      args.loggingConfig = $output(args.loggingConfig).apply((logging) => ({
        logFormat: "JSON",
        ...logging,
        systemLogLevel: "WARN",
      }));
    },
  },
  // 0 means no reservation. A reservation of 0 would keep Lambda from running the function at all.
  concurrency: reservedConcurrency > 0 ? { reserved: reservedConcurrency } : undefined,
});
