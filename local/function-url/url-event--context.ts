import type { Context } from "aws-lambda";

type Invocation = { functionName: string; requestId: string; timeoutMs: number; clock: () => number };

const ignore = () => undefined;

export function describeContext({ functionName, requestId, timeoutMs, clock }: Invocation): Context {
  const deadlineMs = clock() + timeoutMs;
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName,
    functionVersion: "$LATEST",
    invokedFunctionArn: `arn:aws:lambda:local:000000000000:function:${functionName}`,
    memoryLimitInMB: "1024",
    awsRequestId: requestId,
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: "local",
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - clock()),
    done: ignore,
    fail: ignore,
    succeed: ignore,
  };
}
