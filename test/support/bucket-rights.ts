import type { IncomingMessage } from "node:http";
import * as z from "zod";
import type { Graph } from "./graph.ts";
import { openProxy } from "./unreliable-servers.ts";

const Policy = z.object({
  Statement: z.array(
    z.object({
      Effect: z.literal("Allow"),
      Action: z.array(z.string()),
      Resource: z.array(z.string()),
      Condition: z.record(z.string(), z.record(z.string(), z.array(z.string()).or(z.string()))).optional(),
    }),
  ),
});

/** Lists a role's rights to the bucket, such as `s3:GetObject claims/`. */
export function listBucketRights(graph: Graph, roleName: string): string[] {
  const role = graph.resources.find(({ name, type }) => name === roleName && type.endsWith(":Role"));
  const policies = z.array(z.object({ policy: z.string() })).parse(role?.inputs["inlinePolicies"]);
  const statements = policies.flatMap(({ policy }) => Policy.parse(JSON.parse(policy)).Statement);
  return statements
    .flatMap(({ Action, Resource, Condition }) => {
      const given = [Condition?.["StringLikeIfExists"]?.["s3:prefix"] ?? Resource.map(findKey)].flat();
      return Action.flatMap((action) => given.map((key) => `${action} ${key.replace(/\*$/, "")}`));
    })
    .filter((right) => /^s3:\w+ ./.test(right))
    .toSorted();
}

function findKey(arn: string): string {
  return arn.replace(/^arn:aws:s3:::[^/]+\//, "");
}

/**
 * Opens a proxy in front of S3. The proxy forbids a request when the right to it is missing. `used` and `missing`
 * list the rights that the requests needed.
 */
export async function guardBucket(endpoint: string, rights: string[]) {
  const used = new Set<string>();
  const missing = new Set<string>();
  const url = await openProxy(endpoint, (asked) => {
    const right = nameRight(asked);
    const isAllowed = rights.includes(right);
    (isAllowed ? used : missing).add(right);
    return isAllowed ? "pass" : "forbid";
  });
  return { url, used, missing };
}

/** Returns the right that a request needs, with the folder of the key, such as `s3:GetObject claims/`. */
function nameRight({ method = "", url = "/" }: Pick<IncomingMessage, "method" | "url" | "headers">): string {
  const { pathname, searchParams } = new URL(url, "http://s3.example");
  const [, , ...key] = pathname.split("/");
  const isListing = key.join("/") === "";
  const folder = isListing ? (searchParams.get("prefix") ?? "") : key.join("/");
  return `${nameAction(method, searchParams, isListing)} ${folder.replace(/\/.*$/s, "/")}`;
}

/**
 * Returns the action that S3's policies require for a request:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
 */
function nameAction(method: string, query: URLSearchParams, isListing: boolean): string {
  if (isListing) return "s3:ListBucket";
  if (method === "DELETE") return query.has("uploadId") ? "s3:AbortMultipartUpload" : "s3:DeleteObject";
  return method === "GET" || method === "HEAD" ? "s3:GetObject" : "s3:PutObject";
}
