import { type DurableClient, type DurableHandler, takeClient } from "../durable/operations--sdk.ts";
import type { LocalFunction } from "./lambda-function--function.ts";

/** What the checkpoints of the invocations under way go to, by the ARN of their execution. */
export type Sessions = Map<string, DurableClient>;

/** The handler of a workflow that runs as a function, whose checkpoints come over Lambda's API. */
export function handleRemotely(workflow: LocalFunction, sessions: Sessions): DurableHandler {
  return async (input, context) => {
    const { params, client } = takeClient(input);
    sessions.set(params.DurableExecutionArn, client);
    try {
      return JSON.parse(await workflow.invoke(JSON.stringify(params), context.awsRequestId));
    } finally {
      sessions.delete(params.DurableExecutionArn);
    }
  };
}
