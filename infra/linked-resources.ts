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
