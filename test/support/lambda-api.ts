import { onTestFinished, vi } from "vitest";
import { type CheckpointRequest, type DurableHandler, takeClient } from "../../local/durable/operations.ts";
import type { Sessions } from "../../local/lambda/local-cloud.ts";
import { serveLambdaApi } from "../../local/lambda/lambda-api.ts";

/**
 * Starts Lambda's API on loopback and points the SDK of this process to the API. `decide` sees each checkpoint first,
 * and may throw the error with which the API answers.
 */
export async function openLambdaApi(decide: (request: CheckpointRequest) => void) {
  const sessions: Sessions = new Map();
  const { endpoint, stop } = await serveLambdaApi({
    workflow: { name: "none", qualifier: "none" },
    start: async () => "exists",
    sessions,
  });
  onTestFinished(stop);
  const credentials = { AWS_ACCESS_KEY_ID: "AKIDOFTHETESTS", AWS_SECRET_ACCESS_KEY: "of-the-tests" };
  const settings = { AWS_ENDPOINT_URL_LAMBDA: endpoint, AWS_REGION: "eu-central-1", ...credentials };
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());

  /**
   * Invokes the handler with a plain JSON event, as Lambda does, so that the handler sends its checkpoints to the
   * API.
   */
  function invokePlainly(handler: DurableHandler): DurableHandler {
    return async (input, context) => {
      const { params, client } = takeClient(input);
      const { DurableExecutionArn: arn } = params;
      const checkpoint = async (request: CheckpointRequest) => {
        decide(request);
        return await client.checkpoint(request);
      };
      sessions.set(arn, { ...client, checkpoint });
      try {
        return await handler(JSON.parse(JSON.stringify(params), readMoment), context);
      } finally {
        sessions.delete(arn);
      }
    };
  }

  return { endpoint, invokePlainly };
}

function readMoment(key: string, value: unknown): unknown {
  return key.endsWith("Timestamp") && typeof value === "string" ? new Date(value) : value;
}
