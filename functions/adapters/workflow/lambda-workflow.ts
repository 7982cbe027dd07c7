import {
  DurableExecutionAlreadyStartedException,
  InvokeCommand,
  LambdaClient,
  type LambdaClientConfig,
  LambdaServiceException,
} from "@aws-sdk/client-lambda";
import { ExportError } from "../../core/basics/errors.ts";
import { describeJob } from "../../core/delivery/delivery-state.ts";
import { type SystemTimer, systemTimer } from "../clock/clock.ts";
import type { WorkflowLocation } from "../settings/settings.ts";

/** Starts the durable executions of exports. The execution that makes an export has the export's id as its name. */
export interface ExportWorkflow {
  /**
   * Starts the execution that makes the export. With `jobName`, starts the execution of a later job about the export
   * (see ExportJob). Starting the same execution again does nothing.
   */
  start: (id: string, jobName?: string) => Promise<void>;
}

/**
 * `tryMs` and `totalMs` are the timeouts of one try and of all tries together. Their defaults are short, because a
 * caller waits for the response, and Lambda queues an execution within a second.
 */
type ClientOptions = { tryMs?: number; totalMs?: number; timer?: SystemTimer } & Pick<
  LambdaClientConfig,
  "endpoint" | "credentials"
>;

/** Opens a client that starts executions. It throws an ExportError of the kind `workflow` when a start fails. */
export function openLambdaWorkflow(
  { name, qualifier, region }: WorkflowLocation,
  { tryMs = 5_000, totalMs = 10_000, timer = systemTimer, ...server }: ClientOptions = {},
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

  async function start(id: string, jobName?: string): Promise<void> {
    const execution = describeJob({ id, errand: jobName });
    const command = new InvokeCommand({
      FunctionName: name,
      Qualifier: qualifier,
      InvocationType: "Event",
      DurableExecutionName: execution.name,
      Payload: JSON.stringify(execution.payload),
    });
    try {
      await client.send(command, { abortSignal: timer.timeout(totalMs) });
    } catch (error) {
      if (!(error instanceof DurableExecutionAlreadyStartedException)) throw createStartError(error);
    }
  }

  return { start };
}

function createStartError(error: unknown): ExportError {
  const answer = error instanceof LambdaServiceException ? `answered ${error.name}` : "gave no answer";
  const detail =
    `The export was not started: AWS Lambda ${answer}. Try again; if it stays so, check that the workflow ` +
    "has been deployed and that this function may invoke it.";
  return new ExportError("workflow", "workflow_failed", detail, { cause: error });
}
