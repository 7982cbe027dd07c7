import type { Context } from "aws-lambda";
import { ExportError, ScheduleError } from "../../core/basics/errors.ts";
import { withLogIds } from "./log--ids.ts";
import { concealFault, logFault } from "./log.ts";

export type LambdaInvocation = Pick<Context, "awsRequestId">;

/** For a function that nobody waits for: Lambda's log and the dead letter quote the message of what is thrown. */
export async function logFaults<T>({ awsRequestId }: LambdaInvocation, run: () => Promise<T>): Promise<T> {
  return await withLogIds({ requestId: awsRequestId }, async () => {
    try {
      return await run();
    } catch (error) {
      if (error instanceof ScheduleError) throw error;
      await logFault(error);
      throw error instanceof ExportError ? error : concealFault(error);
    }
  });
}
