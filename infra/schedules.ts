import { raiseAlarm } from "./create-alarm.ts";
import { type Access, allowBucket, reportBucket } from "./bucket.ts";
import { exportWorkflow, secret } from "./linked-resources.ts";
import { bundling, environment, schedules, timeZone } from "./settings.ts";

const daySeconds = 86_400;

/** The queue that holds the ticks whose retries have all failed. */
const deadLetters = new sst.aws.Queue("DeadLetters", {
  transform: { queue: { sqsManagedSseEnabled: true, messageRetentionSeconds: 14 * daySeconds } },
});

export const deadLettersPolicy = new aws.sqs.QueuePolicy("DeadLettersPolicy", {
  queueUrl: deadLetters.url,
  policy: aws.iam.getPolicyDocumentOutput({
    statements: [
      {
        effect: "Deny",
        principals: [{ type: "*", identifiers: ["*"] }],
        actions: ["sqs:*"],
        resources: [deadLetters.arn],
        conditions: [{ test: "Bool", variable: "aws:SecureTransport", values: ["false"] }],
      },
    ],
  }).json,
});

const access = { GetObject: ["claims", "exports"], PutObject: ["exports"] } satisfies Access;

const common = {
  nodejs: bundling,
  runtime: "nodejs24.x",
  architecture: "arm64",
  timeout: "2 minutes",
  memory: "256 MB",
  link: [secret.PortalApiKey, reportBucket, exportWorkflow],
  environment: { ...environment, SCHEDULES: JSON.stringify(schedules) },
  logging: { format: "json", retention: "3 months" },
} satisfies Omit<sst.aws.FunctionArgs, "handler">;

const tick = new sst.aws.Function("Tick", {
  ...common,
  handler: "functions/tick.handler",
  permissions: [...allowBucket(access), { actions: ["sqs:SendMessage"], resources: [deadLetters.arn] }],
  // Lambda does the retries, because EventBridge Scheduler invokes the function asynchronously and does not see a
  // failure.
  retries: 2,
  transform: {
    eventInvokeConfig: { destinationConfig: { onFailure: { destination: deadLetters.arn } } },
  },
});

const watch = new sst.aws.Function("Watch", {
  ...common,
  handler: "functions/watch.handler",
  permissions: allowBucket({ ...access, ListBucket: ["exports"] }),
  // A failed run is not repeated, because the next run starts within an hour.
  retries: 0,
});

/**
 * Lets EventBridge Scheduler assume a role on behalf of this AWS account only. Without the condition the scheduler
 * could be made to assume the role for another account:
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
 */
const assumeRolePolicy: aws.iam.PolicyDocument = {
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Action: "sts:AssumeRole",
      Principal: { Service: "scheduler.amazonaws.com" },
      Condition: { StringEquals: { "aws:SourceAccount": aws.getCallerIdentityOutput().accountId } },
    },
  ],
};

export const ticks = schedules.map(
  ({ name, expression }) =>
    new sst.aws.CronV2(`${name.charAt(0).toUpperCase()}${name.slice(1)}Tick`, {
      function: tick,
      schedule: expression,
      timezone: timeZone,
      event: { schedule: name, at: "<aws.scheduler.scheduled-time>" },
      // EventBridge Scheduler allows at most this many retries, all within a day.
      retries: 185,
      dlq: deadLetters.arn,
      transform: { role: { assumeRolePolicy } },
    }),
);

export const hourly = new sst.aws.CronV2("HourlyWatch", {
  function: watch,
  schedule: "rate(1 hour)",
  transform: { role: { assumeRolePolicy } },
});

export const alarms = [
  raiseAlarm("ReportOverdue", {
    alarmDescription: "A scheduled report is overdue, or nothing looks whether one is.",
    namespace: "AWS/Lambda",
    metricName: "Errors",
    dimensions: { FunctionName: watch.name },
    statistic: "Sum",
    // In seconds. This is twice the interval between two runs of the watch function.
    period: 7_200,
    treatMissingData: "breaching",
  }),
  raiseAlarm("TickFailed", {
    alarmDescription: "A tick of a schedule came to nothing and lies in the dead-letter queue.",
    namespace: "AWS/SQS",
    metricName: "ApproximateNumberOfMessagesVisible",
    dimensions: { QueueName: deadLetters.nodes.queue.name },
    statistic: "Maximum",
    period: 300,
    // Keeps the alarm as it is when data are missing. An unused queue stops sending metrics after some hours, even when
    // it holds messages.
    treatMissingData: "ignore",
  }),
];
