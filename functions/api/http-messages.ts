import type { Context, LambdaFunctionURLEvent } from "aws-lambda";
import type { ExportWorkflow } from "../adapters/workflow/lambda-workflow.ts";
import type { AppContext } from "../app/context.ts";
import type { PageFiles } from "./page-files.ts";

export type HttpEvent = LambdaFunctionURLEvent;

export type HttpAnswer = {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
  isBase64Encoded?: boolean;
};

export type HttpHandler = (event: HttpEvent, context: Context) => Promise<HttpAnswer>;

/** What a link in the answer must be signed for: HEAD's is refused to GET, and the other way round. */
export function readMethod({ requestContext }: HttpEvent): "GET" | "HEAD" {
  return requestContext.http.method === "HEAD" ? "HEAD" : "GET";
}

/** What the routes work with. */
export type ApiService = { world: AppContext; workflow: ExportWorkflow; web: PageFiles };
