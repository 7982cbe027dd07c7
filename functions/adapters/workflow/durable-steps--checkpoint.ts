import { LambdaClient, type LambdaClientConfig } from "@aws-sdk/client-lambda";

/** As the SDK's own client waits for an answer. */
const patience = {
  connectionTimeout: 5_000,
  socketTimeout: 50_000,
  requestTimeout: 55_000,
  throwOnRequestTimeout: true,
};

/**
 * The client that an execution's checkpoints go through. Lambda refuses one of an invocation that is over with the
 * words `Invalid checkpoint token`. The durable SDK knows them in another spelling only, and would end the whole
 * execution as failed, which goes on in another invocation. So the client says it as the SDK does:
 * https://github.com/aws/aws-durable-execution-sdk-js/issues/917
 */
export function openCheckpoints(server: LambdaClientConfig = {}): LambdaClient {
  const client = new LambdaClient({ requestHandler: patience, ...server });
  client.middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        throw respellRefusal(error);
      }
    },
    { step: "initialize", name: "respellRefusal" },
  );
  return client;
}

const known = "Invalid Checkpoint Token";

function respellRefusal(error: unknown): unknown {
  if (error instanceof Error && /invalid checkpoint token/i.test(error.message)) error.message = known;
  return error;
}
