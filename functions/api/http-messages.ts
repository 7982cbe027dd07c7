import type { Context, LambdaFunctionURLEvent } from "aws-lambda";
import type { Workflow } from "../adapters/workflow/lambda-workflow.ts";
import type { World } from "../app/context.ts";
import type { Web } from "./page-files.ts";

export type Event = LambdaFunctionURLEvent;

export type Answer = {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
  isBase64Encoded?: boolean;
};

export type Handle = (event: Event, context: Context) => Promise<Answer>;

/** What a link in the answer must be signed for: HEAD's is refused to GET, and the other way round. */
export function readMethod({ requestContext }: Event): "GET" | "HEAD" {
  return requestContext.http.method === "HEAD" ? "HEAD" : "GET";
}

/** What the routes work with. */
export type Service = { world: World; workflow: Workflow; web: Web };
