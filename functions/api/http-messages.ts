import type { Context, LambdaFunctionURLEvent } from "aws-lambda";

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
