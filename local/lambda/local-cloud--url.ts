import { type FunctionUrl, startFunctionUrl } from "../function-url/url-server.ts";
import type { LocalFunction } from "./lambda-function--function.ts";

/** The URL of a function, on loopback. */
export function startUrl({ options, invoke }: LocalFunction): Promise<FunctionUrl> {
  const { name: functionName, timeoutMs } = options;
  const handler = async (event: unknown, context: { awsRequestId: string }): Promise<unknown> =>
    JSON.parse(await invoke(JSON.stringify(event), context.awsRequestId));
  return startFunctionUrl({ port: 0, functionName, timeoutMs, handler });
}
