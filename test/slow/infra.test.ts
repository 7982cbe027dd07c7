import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { nodeOptions } from "../../infra/settings.ts";
import { functions } from "../../local/lambda/function-bundle.ts";
import { compareGraphSummaries, summarizeGraph, formatGraphSummary } from "../support/graph-summary.ts";
import { makeSstDeclaration } from "../support/sst-declaration.ts";
import { readGraph, type Graph } from "../support/graph.ts";
import { runbookAlarms } from "../support/runbook-page.ts";

let personal: Graph;
let production: Graph;
let mailing: Graph;
/** A personal stage whose deployer has set everything but the sender of mails. */
let custom: Graph;

const sender = "reports@example.com";
const webhookSecret = `whsec_${"A".repeat(40)}`;
const customSchedules = [
  { name: "weekly", expression: "cron(30 7 ? * MON *)", reports: [{ status: ["open"] }] },
  { name: "quarterly", expression: "cron(0 6 1 1/3 ? *)", reports: [{ period: "last-quarter" }] },
];
const customSettings = {
  ALARM_EMAIL: "night@example.nl",
  AWS_REGION: "eu-west-1",
  FILE_DAYS: "7",
  REPORT_TIMEZONE: "Europe/Brussels",
  RESERVED_CONCURRENCY: "0",
  SCHEDULES: JSON.stringify(customSchedules),
  WEBHOOKS: "https://hooks.example/planted",
  SST_SECRET_WebhookSecret: webhookSecret,
};

/** The file from which SST takes the settings of this stage. Its values are those of `customSettings`. */
const customFile = [
  "# the settings of alice",
  "",
  "export AWS_REGION=eu-west-1",
  "FILE_DAYS = 7",
  `SCHEDULES='${JSON.stringify(customSchedules, null, 2)}'`,
].join("\n");

// The long timeout is for the first run after a clone, which installs SST's platform.
beforeAll(async () => {
  [personal, production] = await Promise.all([readGraph("alice"), readGraph("production")]);
  [mailing, custom] = await Promise.all([
    readGraph("alice", { MAIL_SENDER: sender }),
    readGraph("alice", customSettings, { ".env.alice": customFile }),
  ]);
}, 600_000);

function findAll(graph: Graph, type: string) {
  return graph.resources.filter((resource) => resource.type === type);
}

function findOne(graph: Graph, type: string) {
  const [resource, ...others] = findAll(graph, type);
  if (!resource || others.length > 0)
    throw new Error(`${type}: ${others.length + (resource ? 1 : 0)}, not one`);
  return resource;
}

function findFunction(graph: Graph, name: string) {
  const found = findAll(graph, "aws:lambda/function:Function").find((one) => one.name === `${name}Function`);
  if (!found) throw new Error(`no function ${name}`);
  return found;
}

function findRole(graph: Graph, name: string) {
  const found = findAll(graph, "aws:iam/role:Role").find((one) => one.name === `${name}Role`);
  if (!found) throw new Error(`no role of ${name}`);
  return found;
}

function readPolicies(graph: Graph, name: string) {
  return z
    .array(z.object({ policy: z.string().transform((text): unknown => JSON.parse(text)) }))
    .parse(findRole(graph, name).inputs["inlinePolicies"])
    .map(({ policy }) => policy);
}

/**
 * Returns the policy statements that allow each action on the objects of its folders. `ListBucket` has the folders
 * that may be listed.
 */
function allow(graph: Graph, { ListBucket = [], ...access }: Record<string, string[]>) {
  const arn = `arn:aws:s3:::${String(findOne(graph, "aws:s3/bucket:Bucket").inputs["bucket"])}`;
  const listed = ListBucket.length === 0 ? [""] : ListBucket.map((folder) => `${folder}/*`);
  return [
    ...Object.entries(access).map(([action, folders]) => ({
      Effect: "Allow",
      Action: [`s3:${action}`],
      Resource: folders.map((folder) => `${arn}/${folder}/*`),
    })),
    {
      Effect: "Allow",
      Action: ["s3:ListBucket"],
      Resource: [arn],
      Condition: { StringLikeIfExists: { "s3:prefix": listed } },
    },
  ];
}

function allowInvoke(name: string) {
  const arn = `arn:aws:lambda:eu-central-1:123456789012:function:${name}`;
  return { Effect: "Allow", Action: ["lambda:InvokeFunction"], Resource: [arn] };
}

function readLifecycle(graph: Graph) {
  return findOne(graph, "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration").inputs["rules"];
}

function expire(id: string, days: number) {
  return { id, status: "Enabled", filter: { prefix: `${id}/` }, expiration: { days } };
}

describe("the whole graph", () => {
  // To accept an intended change, run: npx vitest run --project slow test/slow/infra.test.ts -u
  it("of a personal stage is the reviewed one", async () => {
    await expect(formatGraphSummary(summarizeGraph(personal))).toMatchFileSnapshot("graph/personal.yaml");
  });

  it("of production differs from it only as reviewed", async () => {
    const difference = compareGraphSummaries(summarizeGraph(personal), summarizeGraph(production));
    await expect(formatGraphSummary(difference)).toMatchFileSnapshot("graph/production.yaml");
  });

  it("with a sender differs from it only as reviewed", async () => {
    const difference = compareGraphSummaries(summarizeGraph(personal), summarizeGraph(mailing));
    await expect(formatGraphSummary(difference)).toMatchFileSnapshot("graph/mailing.yaml");
  });
});

describe("the bucket", () => {
  it("blocks every kind of public access", () => {
    expect(findOne(personal, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock").inputs).toMatchObject({
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
  });

  it("refuses requests without TLS, and grants no rights", () => {
    const arn = `arn:aws:s3:::${String(findOne(personal, "aws:s3/bucket:Bucket").inputs["bucket"])}`;
    expect(
      JSON.parse(String(findOne(personal, "aws:s3/bucketPolicy:BucketPolicy").inputs["policy"])),
    ).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Deny",
          Principal: { "*": ["*"] },
          Action: ["s3:*"],
          Resource: [arn, `${arn}/*`],
          Condition: { Bool: { "aws:SecureTransport": ["false"] } },
        },
      ],
    });
  });

  it("encrypts its objects", () => {
    const type = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration";
    expect(findOne(personal, type).inputs["rules"]).toEqual([
      { applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } },
    ]);
  });

  it("allows no requests from other sites' pages", () => {
    expect(personal.resources.filter(({ type }) => /cors/i.test(type))).toEqual([]);
  });

  it("cleans up by prefix, and leaves the permanent links alone", () => {
    expect(readLifecycle(personal)).toEqual([
      expire("snapshots", 40),
      expire("files", 30),
      expire("deliveries", 400),
      expire("exports", 400),
      expire("claims", 400),
      expire("customers", 400),
      {
        id: "uploads",
        status: "Enabled",
        filter: { prefix: "" },
        abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
      },
    ]);
  });

  it("is retained and protected in production only", () => {
    expect(personal.app).toMatchObject({ removal: "remove", protect: false });
    expect(production.app).toMatchObject({ removal: "retain", protect: true });
    expect(findOne(personal, "aws:s3/bucket:Bucket")).toMatchObject({
      isRetained: false,
      isProtected: false,
      inputs: { forceDestroy: true },
    });
    expect(findOne(production, "aws:s3/bucket:Bucket")).toMatchObject({
      isRetained: true,
      isProtected: true,
      inputs: { forceDestroy: false },
    });
  });

  it("of production can be removed with everything in it when the deployer says so", async () => {
    const removable = await readGraph("production", { REMOVABLE: "true" });
    expect(removable.app).toMatchObject({ removal: "remove", protect: false });
    expect(findOne(removable, "aws:s3/bucket:Bucket")).toMatchObject({
      isRetained: false,
      isProtected: false,
      inputs: { forceDestroy: true },
    });
  });
});

describe("the function URL", () => {
  it("runs on Node 24 and ARM, for at most half a minute", () => {
    const { inputs } = findFunction(personal, "Http");
    expect(inputs).toMatchObject({
      runtime: "nodejs24.x",
      architectures: ["arm64"],
      timeout: 30,
      memorySize: 512,
    });
    expect(inputs).not.toHaveProperty("durableConfig");
  });

  it("may be called by anyone but no other site's page", () => {
    const { inputs } = findOne(personal, "aws:lambda/functionUrl:FunctionUrl");
    expect(inputs).toMatchObject({
      functionName: "HttpFunction",
      authorizationType: "NONE",
      invokeMode: "BUFFERED",
    });
    expect(inputs).not.toHaveProperty("cors");
    expect(personal.outputs["url"]).toBe("https://HttpUrl.example/");
  });

  it("is printed with the two commands that come next", () => {
    const header = `-H "Authorization: Bearer <access token>"`;
    expect(personal.outputs).toMatchObject({
      check: `curl ${header} "https://HttpUrl.example/check"`,
      export: `curl -L -o offers.xlsx ${header} "https://HttpUrl.example/export?redirect=true"`,
    });
  });

  it("is the only public entry", () => {
    expect(findAll(personal, "aws:lambda/permission:Permission").map(({ inputs }) => inputs)).toEqual([
      expect.objectContaining({
        action: "lambda:InvokeFunctionUrl",
        function: "HttpFunction",
        principal: "*",
        functionUrlAuthType: "NONE",
      }),
      expect.objectContaining({
        action: "lambda:InvokeFunction",
        function: "HttpFunction",
        principal: "*",
        invokedViaFunctionUrl: true,
      }),
    ]);
  });

  it("has exactly the rights to the bucket and the workflow that it needs", () => {
    const objects = allow(production, {
      GetObject: ["claims", "deliveries", "exports", "files", "shares"],
      PutObject: ["claims", "deliveries", "exports", "shares"],
      DeleteObject: ["exports", "files", "shares", "snapshots"],
      ListBucket: ["exports", "files", "shares", "snapshots"],
    });
    expect(readPolicies(production, "Http")).toEqual([
      { Version: "2012-10-17", Statement: [...objects, allowInvoke("offer-export-production-Export:live")] },
    ]);
    expect(findRole(production, "Http").inputs["managedPolicyArns"]).toEqual([
      "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
    ]);
  });
});

describe("the workflow", () => {
  it("runs on Node 24 and ARM, for at most 15 minutes at a time and 30 hours in all", () => {
    expect(findFunction(personal, "ExportHandler").inputs).toMatchObject({
      runtime: "nodejs24.x",
      architectures: ["arm64"],
      timeout: 900,
      memorySize: 1024,
      durableConfig: { executionTimeout: 30 * 60 * 60, retentionPeriod: 14 },
    });
  });

  it("is started by a name that leads to the version deployed last", () => {
    expect(findFunction(personal, "ExportHandler").inputs["publish"]).toBe(true);
    expect(findOne(personal, "aws:lambda/alias:Alias").inputs).toEqual({
      name: "live",
      functionName: "offer-export-alice-Export",
      functionVersion: "7",
    });
    expect(personal.links["ExportWorkflow"]).toMatchObject({
      name: "offer-export-alice-Export",
      qualifier: "live",
    });
  });

  it("has exactly the rights to the bucket that it needs", () => {
    const objects = allow(production, {
      GetObject: ["claims", "customers", "deliveries", "exports", "snapshots"],
      PutObject: ["claims", "customers", "deliveries", "exports", "files", "snapshots"],
      DeleteObject: ["files", "snapshots"],
      AbortMultipartUpload: ["files"],
      ListBucket: ["files", "snapshots"],
    });
    expect(readPolicies(production, "ExportHandler")).toEqual([
      { Version: "2012-10-17", Statement: objects },
    ]);
  });

  it("gets no managed policy beyond writing its log and its own checkpoints", () => {
    expect(findRole(production, "ExportHandler").inputs["managedPolicyArns"]).toEqual([
      "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
      "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicDurableExecutionRolePolicy",
    ]);
  });
});

const deadLetters = "arn:aws:sqs:eu-central-1:123456789012:DeadLettersQueue";
const allowDeadLetters = { Effect: "Allow", Action: ["sqs:SendMessage"], Resource: [deadLetters] };

function findNamed(graph: Graph, type: string, name: string) {
  const found = findAll(graph, type).find((one) => one.name === name);
  if (!found) throw new Error(`${type}: no ${name}`);
  return found;
}

function findSchedule(graph: Graph, name: string) {
  return findNamed(graph, "aws:scheduler/schedule:Schedule", `${name}Schedule`).inputs;
}

describe("the schedules", () => {
  it("tick at six in the morning of the first, by the clocks of the reports, and name the scheduled time", () => {
    for (const graph of [personal, production]) {
      expect(findSchedule(graph, "MonthlyTick")).toMatchObject({
        scheduleExpression: "cron(0 6 1 * ? *)",
        scheduleExpressionTimezone: "Europe/Amsterdam",
        flexibleTimeWindow: { mode: "OFF" },
        state: "ENABLED",
        target: {
          arn: "arn:aws:lambda:eu-central-1:123456789012:function:TickFunction",
          input: JSON.stringify({ schedule: "monthly", at: "<aws.scheduler.scheduled-time>" }),
        },
      });
    }
  });

  it("retry a tick for a day, and then leave it in the dead-letter queue", () => {
    expect(findSchedule(production, "MonthlyTick")["target"]).toMatchObject({
      retryPolicy: { maximumRetryAttempts: 185 },
      deadLetterConfig: { arn: deadLetters },
    });
  });

  it("may invoke their function and leave a dead letter, and nothing else", () => {
    expect(readPolicies(production, "MonthlyTick")).toEqual([
      { Version: "2012-10-17", Statement: [allowInvoke("TickFunction"), allowDeadLetters] },
    ]);
    expect(readPolicies(production, "HourlyWatch")).toEqual([
      { Version: "2012-10-17", Statement: [allowInvoke("WatchFunction")] },
    ]);
  });

  it("are watched every hour", () => {
    expect(findSchedule(production, "HourlyWatch")).toMatchObject({
      scheduleExpression: "rate(1 hour)",
      target: { arn: "arn:aws:lambda:eu-central-1:123456789012:function:WatchFunction" },
    });
  });

  it("are those of the setting, in its time zone, and both functions get the setting", () => {
    for (const { name, expression } of customSchedules) {
      expect(findSchedule(custom, `${name[0]?.toUpperCase()}${name.slice(1)}Tick`)).toMatchObject({
        scheduleExpression: expression,
        scheduleExpressionTimezone: "Europe/Brussels",
        target: { input: JSON.stringify({ schedule: name, at: "<aws.scheduler.scheduled-time>" }) },
      });
    }
    expect(findAll(custom, "aws:scheduler/schedule:Schedule")).toHaveLength(3);
    const { SCHEDULES } = customSettings;
    for (const name of ["Tick", "Watch"])
      expect(findFunction(custom, name).inputs["environment"]).toMatchObject({ variables: { SCHEDULES } });
  });

  it("stop the deployment when they are malformed, with the place of the fault", async () => {
    const SCHEDULES = JSON.stringify([{ name: "daily", expression: "rate(1 day)", reports: [{}] }]);
    const attempt = readGraph("alice", { SCHEDULES });
    await expect(attempt).rejects.toThrow(/the setting SCHEDULES is malformed: \[0\]\.expression must be/);
    await expect(attempt).rejects.not.toThrow("daily");
  });
});

describe.each(["Tick", "Watch"])("the schedules' function %s", (name) => {
  it("runs on Node 24 and ARM", () => {
    const { inputs } = findFunction(personal, name);
    expect(inputs).toMatchObject({ runtime: "nodejs24.x", architectures: ["arm64"] });
  });

  it("may only read objects, create exports and start them", () => {
    const access = { GetObject: ["claims", "exports"], PutObject: ["exports"] };
    // Of the two functions, only Watch may list exports.
    const objects = allow(production, name === "Watch" ? { ...access, ListBucket: ["exports"] } : access);
    const letters = name === "Tick" ? [allowDeadLetters] : [];
    const Statement = [...objects, ...letters, allowInvoke("offer-export-production-Export:live")];
    expect(readPolicies(production, name)).toEqual([{ Version: "2012-10-17", Statement }]);
    expect(findRole(production, name).inputs["managedPolicyArns"]).toEqual([
      "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
    ]);
  });
});

describe("a tick whose function fails", () => {
  const type = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig";

  it("is retried twice, and then left in the dead-letter queue", () => {
    expect(findNamed(production, type, "TickEventInvokeConfig").inputs).toEqual({
      functionName: "TickFunction",
      maximumRetryAttempts: 2,
      destinationConfig: { onFailure: { destination: deadLetters } },
    });
  });

  it("has retries, but the watch has none, because it runs every hour", () => {
    expect(findNamed(production, type, "WatchEventInvokeConfig").inputs).toEqual({
      functionName: "WatchFunction",
      maximumRetryAttempts: 0,
    });
  });
});

describe("the dead-letter queue", () => {
  it("encrypts its messages, and keeps them for two weeks", () => {
    expect(findOne(production, "aws:sqs/queue:Queue").inputs).toMatchObject({
      sqsManagedSseEnabled: true,
      messageRetentionSeconds: 14 * 24 * 60 * 60,
    });
  });

  it("refuses requests without TLS, and grants no rights", () => {
    const { inputs } = findOne(production, "aws:sqs/queuePolicy:QueuePolicy");
    expect(inputs["queueUrl"]).toBe("https://sqs.example/DeadLettersQueue");
    expect(JSON.parse(String(inputs["policy"]))).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Deny",
          Principal: { "*": ["*"] },
          Action: ["sqs:*"],
          Resource: [deadLetters],
          Condition: { Bool: { "aws:SecureTransport": ["false"] } },
        },
      ],
    });
  });
});

describe("the alarms", () => {
  const type = "aws:cloudwatch/metricAlarm:MetricAlarm";
  const topic = "arn:aws:mock:::AlarmsTopic";
  const told = {
    comparisonOperator: "GreaterThanOrEqualToThreshold",
    threshold: 1,
    evaluationPeriods: 1,
    alarmActions: [topic],
    okActions: [topic],
  };

  it("report an overdue report, and a watch that has not run for two hours", () => {
    expect(findNamed(production, type, "ReportOverdue").inputs).toMatchObject({
      ...told,
      name: "offer-export-production-ReportOverdue",
      namespace: "AWS/Lambda",
      metricName: "Errors",
      dimensions: { FunctionName: "WatchFunction" },
      statistic: "Sum",
      period: 7_200,
      treatMissingData: "breaching",
    });
  });

  it("report a dead letter until it is removed", () => {
    const queue = findOne(production, "aws:sqs/queue:Queue").inputs["name"];
    expect(findNamed(production, type, "TickFailed").inputs).toMatchObject({
      ...told,
      namespace: "AWS/SQS",
      metricName: "ApproximateNumberOfMessagesVisible",
      dimensions: { QueueName: queue },
      statistic: "Maximum",
      period: 300,
      treatMissingData: "ignore",
    });
  });

  it.each([
    ["ExportFailed", "ExportsFailed", 300],
    ["ExportLate", "ExportsLate", 7_200],
    ["DeliveryUnknown", "DeliveriesUnknown", 300],
  ])("raise %s by the stage's own metric %s, and ignore missing data", (name, figure, period) => {
    const { inputs } = findNamed(production, type, name);
    expect(inputs).toMatchObject({
      ...told,
      namespace: "offer-export",
      metricName: figure,
      dimensions: { service: "offer-export-production" },
      statistic: "Sum",
      period,
      treatMissingData: "notBreaching",
    });
    // The metric comes from the functions' log lines, which take their service's name from this variable.
    const variables = { POWERTOOLS_SERVICE_NAME: "offer-export-production" };
    expect(findFunction(production, "ExportHandler").inputs["environment"]).toMatchObject({ variables });
  });

  it("report an execution that has failed", () => {
    expect(findNamed(production, type, "ExecutionFailed").inputs).toMatchObject({
      ...told,
      namespace: "AWS/Lambda",
      metricName: "DurableExecutionFailed",
      dimensions: { FunctionName: "offer-export-production-Export" },
      statistic: "Sum",
      treatMissingData: "notBreaching",
    });
  });

  it.each([
    ["FunctionFailed", "Errors", 1],
    ["Throttled", "Throttles", 3],
  ])("raise %s by %s of the URL and the workflow together", (name, metricName, evaluationPeriods) => {
    const watched = ["HttpFunction", "offer-export-production-Export"].map((FunctionName) => ({
      id: expect.any(String),
      metric: { namespace: "AWS/Lambda", metricName, dimensions: { FunctionName }, stat: "Sum", period: 300 },
    }));
    const sum = { id: "sum", expression: "SUM(FILL(METRICS(), 0))", label: metricName, returnData: true };
    expect(findNamed(production, type, name).inputs).toMatchObject({
      ...told,
      evaluationPeriods,
      metricQueries: [sum, ...watched],
      treatMissingData: "notBreaching",
    });
  });

  it("have each a row in docs/runbook.md, which has no other rows", () => {
    const names = findAll(production, type).map(({ name }) => name);
    expect(runbookAlarms.rows.toSorted()).toEqual(names.toSorted());
  });

  it("watch no more metrics than AWS gives for free", () => {
    const Watching = z.object({
      metricQueries: z.array(z.object({ metric: z.unknown().optional() })).optional(),
    });
    const watched = findAll(production, type).flatMap(({ inputs }) => {
      const { metricQueries = [{ metric: "its own" }] } = Watching.parse(inputs);
      return metricQueries.filter(({ metric }) => metric !== undefined);
    });
    expect(watched).toHaveLength(10);
  });

  it("are mailed to the address in the settings, and to nobody without one", () => {
    const subscription = "aws:sns/topicSubscription:TopicSubscription";
    expect(findAll(production, subscription)).toEqual([]);
    expect(findOne(custom, subscription).inputs).toEqual({
      topic,
      protocol: "email",
      endpoint: customSettings.ALARM_EMAIL,
    });
  });
});

describe("the function of the URL", () => {
  it("logs no successful invocation, because strangers could cause many", () => {
    const { loggingConfig } = findFunction(personal, "Http").inputs;
    expect(loggingConfig).toMatchObject({ logFormat: "JSON", systemLogLevel: "WARN" });
  });

  it("is deployed with the page's files", () => {
    const { files } = personal.handlers["functions/http.handler"] ?? {};
    const names = ["index\\.html", "main-\\w+\\.js", "page-\\w+\\.css"];
    const expected = names.flatMap((name) => ["", "\\.br", "\\.gz"].map((end) => `^web/${name}${end}$`));
    expect(files).toEqual(expected.map((pattern) => expect.stringMatching(new RegExp(pattern))));
  });
});

describe("the mail", () => {
  const identities = expect.stringMatching(/^arn:aws:ses:eu-central-1:\d+:identity\/\*$/);
  const configuration = "arn:aws:mock:::MailConfig";
  const topic = "arn:aws:mock:::BouncesTopic";

  it("is sent by the workflow, as that sender and with that configuration alone", () => {
    expect(readPolicies(mailing, "ExportHandler")).toMatchObject([
      {
        Statement: expect.arrayContaining([
          {
            Effect: "Allow",
            Action: ["ses:SendEmail"],
            Resource: [identities, configuration],
            Condition: { StringEqualsIgnoreCase: { "ses:FromAddress": [sender] } },
          },
        ]),
      },
    ]);
    expect(findFunction(mailing, "ExportHandler").inputs["environment"]).toMatchObject({
      variables: {
        MAIL_SENDER: sender,
        MAIL_CONFIGURATION_SET: expect.stringMatching(/^offer-export-alice-mailconfig-/),
        PUBLIC_URL: "https://HttpUrl.example/",
      },
    });
    // Skips LinkRefs. They list the rights that a link to the mail would grant, but no function has such a link.
    const others = mailing.resources.filter(
      ({ name, type }) => !name.startsWith("ExportHandler") && type !== "sst:sst:LinkRef",
    );
    expect(others.filter((other) => JSON.stringify(other).includes("ses:Send"))).toEqual([]);
  });

  it("that bounces is reported to a function that may only record it", () => {
    const type = "aws:sesv2/configurationSetEventDestination:ConfigurationSetEventDestination";
    expect(findOne(mailing, type).inputs["eventDestination"]).toEqual({
      enabled: true,
      matchingEventTypes: ["BOUNCE", "COMPLAINT", "REJECT"],
      snsDestination: { topicArn: topic },
    });
    const objects = allow(mailing, { GetObject: ["deliveries"], PutObject: ["deliveries"] });
    expect(readPolicies(mailing, "Bounce")).toEqual([{ Version: "2012-10-17", Statement: objects }]);
    expect(mailing.handlers["functions/bounce.handler"]?.links).toEqual(["ReportBucket"]);
  });

  it("needs a sender where a schedule has recipients", async () => {
    const schedules = [
      { name: "weekly", expression: "cron(0 6 ? * MON *)", reports: [{}], recipients: ["anna@example.com"] },
    ];
    const attempt = readGraph("alice", { SCHEDULES: JSON.stringify(schedules) });
    await expect(attempt).rejects.toThrow("the setting MAIL_SENDER is missing: SCHEDULES has recipients");
  });
});

describe("every function", () => {
  it("is linked only to the resources that it uses", () => {
    const links = Object.entries(personal.handlers).map(([handler, built]) => [handler, built.links]);
    expect(Object.fromEntries(links)).toEqual({
      "functions/export.handler": ["PortalApiKey", "ReportBucket", "WebhookSecret", "Webhooks"],
      "functions/http.handler": [
        "AccessToken",
        "ExportWorkflow",
        "PortalApiKey",
        "PortalWebhookSecrets",
        "ReportBucket",
      ],
      "functions/tick.handler": ["ExportWorkflow", "PortalApiKey", "ReportBucket"],
      "functions/watch.handler": ["ExportWorkflow", "PortalApiKey", "ReportBucket"],
    });
  });

  it.each([
    ["http", "Http"],
    ["export", "ExportHandler"],
    ["tick", "Tick"],
    ["watch", "Watch"],
    ["bounce", "Bounce"],
  ] as const)("has the bundling and the size of the local runtime: %s", (name, deployed) => {
    const { nodejs, memoryMb, timeoutMs } = functions[name];
    expect(mailing.handlers[`functions/${name}.handler`]).toMatchObject({ nodejs });
    const { memorySize, timeout } = findFunction(mailing, deployed).inputs;
    expect({ memorySize, timeout }).toEqual({ memorySize: memoryMb, timeout: timeoutMs / 1000 });
  });

  const roles = () => [personal, production].flatMap((graph) => findAll(graph, "aws:iam/role:Role"));
  const isScheduler = ({ name }: { name: string }) => /^(MonthlyTick|HourlyWatch)Role$/.test(name);

  it("has no wildcard action in its role, and neither have the schedules", () => {
    expect(roles()).toHaveLength(2 * (4 + 2));
    expect(JSON.stringify(roles().map(({ inputs }) => inputs["inlinePolicies"]))).not.toMatch(/[\w"]:?\*\\"/);
  });

  it("has a role that only Lambda assumes, or for this account the scheduler; the account's root does not", () => {
    const scheduler = {
      Principal: { Service: "scheduler.amazonaws.com" },
      Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
    };
    const lambda = { Principal: { Service: "lambda.amazonaws.com" } };
    for (const role of roles()) {
      const trusted = isScheduler(role) ? scheduler : lambda;
      expect(role.inputs["assumeRolePolicy"]).toMatchObject({
        Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", ...trusted }],
      });
    }
    expect(JSON.stringify(roles())).not.toContain(":root");
  });

  it("keeps its log for three months, as JSON", () => {
    const logs = findAll(personal, "aws:cloudwatch/logGroup:LogGroup");
    expect(logs.map(({ inputs }) => inputs["retentionInDays"])).toEqual([90, 90, 90, 90]);
    for (const { inputs } of findAll(personal, "aws:lambda/function:Function")) {
      expect(inputs["loggingConfig"]).toMatchObject({ logFormat: "JSON" });
    }
  });
});

describe("the settings", () => {
  const settings = {
    PORTAL_API_URL: "https://api.mijnklantportaal.nl/v1",
    PORTAL_RATE_WINDOW_SECONDS: "60",
    PORTAL_RATE_RESERVE: "0",
    REFRESH_LATE_DAYS: "60",
    REPORT_TIMEZONE: "Europe/Amsterdam",
    LINK_SECONDS: "900",
    SNAPSHOT_DAYS: "40",
    FILE_DAYS: "30",
    POWERTOOLS_SERVICE_NAME: "offer-export-production",
    SST_KEY: expect.any(String),
    SST_KEY_FILE: "resource.enc",
    SST_RESOURCE_App: JSON.stringify({ name: "offer-export", stage: "production" }),
  };

  it("reach both functions with their defaults, without the secrets", () => {
    expect(findFunction(production, "Http").inputs["environment"]).toEqual({ variables: settings });
    expect(findFunction(production, "ExportHandler").inputs["environment"]).toEqual({
      variables: { ...settings, PUBLIC_URL: "https://HttpUrl.example/", NODE_OPTIONS: nodeOptions },
    });
  });

  it("leave the secrets out of all deployed values", () => {
    const deployed = production.resources.filter(({ type }) => !type.startsWith("sst:"));
    expect(JSON.stringify(production.links)).toMatch(/secret-a.*secret-b/);
    expect(JSON.stringify(deployed)).not.toMatch(/secret-[ab]/);
  });

  it("keep webhooks, which are secret, too, among the secrets", () => {
    expect(custom.links).toMatchObject({
      Webhooks: { addresses: customSettings.WEBHOOKS },
      WebhookSecret: { value: webhookSecret },
    });
    const deployed = custom.resources.filter(({ type }) => !type.startsWith("sst:"));
    expect(JSON.stringify(deployed)).not.toMatch(/planted|whsec/);
  });

  it.each([
    ["no secret", {}, "the setting WEBHOOK_SECRET (the secret WebhookSecret) is missing"],
    ["a secret that is none", { SST_SECRET_WebhookSecret: "planted" }, "the setting WEBHOOK_SECRET (the"],
    [
      "a second address that is none",
      { WEBHOOKS: "https://a.example http://planted" },
      "WEBHOOKS is malformed: address 2 ",
    ],
  ])("stop the deployment of webhooks with %s", async (_, env, message) => {
    const secret = { SST_SECRET_WebhookSecret: webhookSecret };
    const attempt = readGraph("alice", {
      WEBHOOKS: "https://planted.example",
      ...(message.includes("address") && secret),
      ...env,
    });
    await expect(attempt).rejects.toThrow(`VisibleError: the setting WEBHOOK`);
    await expect(attempt).rejects.toThrow(message);
    await expect(attempt).rejects.not.toThrow("planted");
  });

  it.each([
    ["PORTAL_API_KEY", "PortalApiKey"],
    ["ACCESS_TOKEN", "AccessToken"],
    ["PORTAL_WEBHOOK_SECRETS", "PortalWebhookSecrets"],
  ])("stop the deployment when the secret of %s is malformed", async (name, secret) => {
    const attempt = readGraph("alice", { [`SST_SECRET_${secret}`]: "planted in" });
    await expect(attempt).rejects.toThrow(
      `VisibleError: the setting ${name} (the secret ${secret}) is malformed`,
    );
    await expect(attempt).rejects.not.toThrow("planted");
  });

  it("stop the deployment when SST has ignored their file, because of a malformed line", async () => {
    const files = { ".env.alice": "AWS_REGION=eu-west-3\noops\nFILE_DAYS=7\n" };
    const attempt = readGraph("alice", {}, files);
    await expect(attempt).rejects.toThrow("SST has not read AWS_REGION, FILE_DAYS from .env.alice: ");
    await expect(attempt).rejects.not.toThrow("eu-west-3");
  });

  it("stop the deployment when they decide about the region and the stage, and are malformed", async () => {
    const attempt = readGraph("alice", { AWS_REGION: "nowhere", REMOVABLE: "perhaps" });
    await expect(attempt).rejects.toThrow(/AWS_REGION is malformed: .*; REMOVABLE is malformed: /);
    await expect(attempt).rejects.not.toThrow(/nowhere|perhaps/);
  });

  it("deploy to Frankfurt unless told otherwise, with ten instances of the URL at most", () => {
    expect(production.app["providers"]).toEqual({ aws: { region: "eu-central-1" } });
    expect(findFunction(production, "Http").inputs["reservedConcurrentExecutions"]).toBe(10);
    expect(findFunction(production, "ExportHandler").inputs).not.toHaveProperty(
      "reservedConcurrentExecutions",
    );
  });

  it("are the deployer's where given; a concurrency of 0 leaves the cap out", () => {
    expect(custom.app["providers"]).toEqual({ aws: { region: "eu-west-1" } });
    expect(findFunction(custom, "Http").inputs).not.toHaveProperty("reservedConcurrentExecutions");
    for (const name of ["Http", "ExportHandler"]) {
      expect(findFunction(custom, name).inputs["environment"]).toMatchObject({
        variables: { FILE_DAYS: "7", REPORT_TIMEZONE: "Europe/Brussels" },
      });
    }
    expect(readLifecycle(custom)).toContainEqual(expire("files", 7));
  });

  it("stop the deployment when malformed; the error names each of them and none of their values", async () => {
    const malformed = {
      ALARM_EMAIL: "night at example.nl",
      FILE_DAYS: "soon",
      MAIL_SENDER: "reports at example.nl",
      LINK_SECONDS: "604801",
      PORTAL_API_URL: "http://portal.example",
      REPORT_TIMEZONE: "Europe/Atlantis",
    };
    const error = await readGraph("alice", malformed).catch(String);
    for (const [name, value] of Object.entries(malformed)) {
      expect(error).toMatch(new RegExp(`(Error: |; )${name} `));
      expect(error).not.toContain(value);
    }
  });
});

describe("sst-env.d.ts", () => {
  it("is what SST would write", async () => {
    const declared = await readFile(new URL("../../sst-env.d.ts", import.meta.url), "utf8");
    expect(declared).toBe(makeSstDeclaration(personal.links));
  });
});
