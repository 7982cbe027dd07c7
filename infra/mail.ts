import { allowBucket, type BucketFolder, reportBucket } from "./bucket.ts";
import { accountId, partition } from "./linked-resources.ts";
import { bundling, mailSender } from "./settings.ts";
import { region } from "./stage.ts";

type Mailing = {
  environment: Record<string, $util.Input<string>>;
  permissions: sst.aws.FunctionPermissionArgs[];
  /** The bucket's folders for the permanent links in mails. */
  folders: BucketFolder[];
  /** The names of the functions that exist for mails only. */
  functions: $util.Output<string>[];
};

/** The environment, permissions, folders and functions for mails. All are empty when no sender is set. */
export const mailing: Mailing =
  mailSender === null
    ? { environment: {}, permissions: [], folders: [], functions: [] }
    : openMailing(mailSender);

function openMailing(sender: string): Mailing {
  const bounces = new sst.aws.SnsTopic("Bounces");
  const bounce = createBounce(bounces);
  const { nodes, configSet } = new sst.aws.Email("Mail", {
    sender,
    events: [
      { name: "bounces", types: ["bounce", "complaint", "reject"], topic: allowPublishing(bounces).arn },
    ],
  });
  return {
    environment: { MAIL_CONFIGURATION_SET: configSet },
    // While SES keeps an account in its sandbox, it also asks for the right to use the recipients' identities.
    permissions: [
      {
        actions: ["ses:SendEmail"],
        resources: [
          $interpolate`arn:${partition}:ses:${region}:${accountId}:identity/*`,
          nodes.configurationSet.arn,
        ],
        conditions: [{ test: "StringEqualsIgnoreCase", variable: "ses:FromAddress", values: [sender] }],
      },
    ],
    folders: ["shares"],
    functions: [bounce.name],
  };
}

/** Creates the function that records bounced mails. */
function createBounce(topic: sst.aws.SnsTopic) {
  const bounce = new sst.aws.Function("Bounce", {
    handler: "functions/bounce.handler",
    nodejs: bundling,
    runtime: "nodejs24.x",
    architecture: "arm64",
    timeout: "30 seconds",
    memory: "256 MB",
    link: [reportBucket],
    permissions: allowBucket({ GetObject: ["deliveries"], PutObject: ["deliveries"] }),
    logging: { format: "json", retention: "3 months" },
  });
  topic.subscribe("BounceSubscriber", bounce.arn);
  return bounce;
}

/**
 * Lets SES publish to the topic. Callers take the topic's ARN from the returned policy, so that they wait for the
 * permission.
 */
function allowPublishing(topic: sst.aws.SnsTopic) {
  return new aws.sns.TopicPolicy("BouncesPolicy", {
    arn: topic.arn,
    policy: aws.iam.getPolicyDocumentOutput({
      statements: [
        {
          principals: [{ type: "Service", identifiers: ["ses.amazonaws.com"] }],
          actions: ["sns:Publish"],
          resources: [topic.arn],
          conditions: [
            {
              test: "StringEquals",
              variable: "AWS:SourceAccount",
              values: [accountId],
            },
          ],
        },
      ],
    }).json,
  });
}
