import {
  DurableExecutionAlreadyStartedException,
  InvokeCommand,
  LambdaClient,
  type LambdaClientConfig,
  LambdaServiceException,
} from "@aws-sdk/client-lambda";
import { describeJob } from "../../core/delivery/delivery-state.ts";
import { ExportError } from "../../core/basics/errors.ts";
import type { WorkflowLocation } from "../settings/settings.ts";

/** What runs exports, each as an execution that carries its id as its name, and later errands about them. */
export interface ExportWorkflow {
  /** Starts the execution of that export, or of that errand; does nothing where there is one already. */
  start: (id: string, errand?: string) => Promise<void>;
}

type Reach = { tryMs: number; wholeMs: number } & Pick<LambdaClientConfig, "endpoint" | "credentials">;

/** An execution is queued within a second; the caller waits for the answer, so a few tries must be enough. */
const reach: Reach = { tryMs: 5_000, wholeMs: 10_000 };

/**
 * The durable Lambda function. What it does not do as it was asked throws an ExportError of the kind
 * `workflow`.
 */
export function openLambdaWorkflow(
  { name, qualifier, region }: WorkflowLocation,
  { tryMs, wholeMs, ...server }: Reach = reach,
): ExportWorkflow {
  const client = new LambdaClient({
    region,
    requestHandler: {
      connectionTimeout: tryMs,
      requestTimeout: tryMs,
      socketTimeout: tryMs,
      throwOnRequestTimeout: true,
    },
    ...server,
  });

  async function start(id: string, errand?: string): Promise<void> {
    const execution = describeJob({ id, errand });
    const command = new InvokeCommand({
      FunctionName: name,
      Qualifier: qualifier,
      InvocationType: "Event",
      DurableExecutionName: execution.name,
      Payload: JSON.stringify(execution.payload),
    });
    try {
      await client.send(command, { abortSignal: AbortSignal.timeout(wholeMs) });
    } catch (error) {
      if (!(error instanceof DurableExecutionAlreadyStartedException)) throw describeRefusal(error);
    }
  }

  return { start };
}

function describeRefusal(error: unknown): ExportError {
  const answer = error instanceof LambdaServiceException ? `answered ${error.name}` : "gave no answer";
  const detail =
    `The export was not started: AWS Lambda ${answer}. Try again; if it stays so, check that the workflow ` +
    "has been deployed and that this function may invoke it.";
  return new ExportError("workflow", "workflow_failed", detail, { cause: error });
}
