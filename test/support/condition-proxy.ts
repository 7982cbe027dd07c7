import { createServer, type IncomingMessage, request as forward, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { S3Client, PutObjectCommand } from "@aws-sdk/client-s3";
import { onTestFinished } from "vitest";
import type { StorageLocation } from "../../functions/adapters/settings/settings.ts";
import { makeServiceError } from "../simulation/s3-commands.ts";
import { findWorld } from "./virtual-world.ts";
import { listen } from "../../local/loopback-server.ts";

/**
 * How a storage mishandles a conditional write: "ignore" ignores the condition, "refuse" answers 412, and "reject"
 * answers 501.
 */
export type ConditionAction = "ignore" | "refuse" | "reject";

type Header = "if-match" | "if-none-match";

const answers = { refuse: [412, "PreconditionFailed"], reject: [501, "NotImplemented"] } as const;

/**
 * Opens a proxy in front of a real bucket. The proxy mishandles conditional writes. Returns the settings to use the
 * proxy, and the paths that were written.
 */
export async function openConditionProxy(
  place: StorageLocation,
  habits: Partial<Record<Header, ConditionAction>>,
) {
  const writes: string[] = [];
  const settings = (origin: string) => ({
    S3_ENDPOINT: origin,
    REPORT_BUCKET: place.name,
    AWS_ACCESS_KEY_ID: place.credentials?.accessKeyId ?? "",
    AWS_SECRET_ACCESS_KEY: place.credentials?.secretAccessKey ?? "",
  });
  const virtual = findWorld()?.openS3Proxy(place.endpoint ?? "", async (command, passOn) => {
    if (!(command instanceof PutObjectCommand)) return await passOn(command);
    const { IfMatch, IfNoneMatch, ...input } = command.input;
    writes.push(input.Key ?? "");
    const habit = habits[IfMatch !== undefined ? "if-match" : "if-none-match"];
    if (habit === undefined || (IfMatch ?? IfNoneMatch) === undefined) return await passOn(command);
    if (habit === "ignore") return await passOn(new PutObjectCommand(input));
    const [status, code] = answers[habit];
    throw makeServiceError(status, code);
  });
  if (virtual != null) return { settings: settings(virtual), writes };
  const endpoint = place.endpoint ?? "";
  const client = new S3Client({
    region: place.region,
    endpoint,
    forcePathStyle: true,
    ...(place.credentials && { credentials: place.credentials }),
  });

  async function serve(asked: IncomingMessage, answer: ServerResponse): Promise<unknown> {
    const { method = "", url = "/", headers } = asked;
    if (method === "PUT") writes.push(url);
    const name = (["if-match", "if-none-match"] as const).find((header) => header in headers);
    const habit = method === "PUT" && name !== undefined ? habits[name] : undefined;
    if (habit === undefined) return pass(asked, answer);
    const body = await buffer(asked);
    if (habit !== "ignore") {
      const [status, code] = answers[habit];
      return answer.writeHead(status).end(`<Error><Code>${code}</Code></Error>`);
    }
    const [, Bucket = "", ...key] = decodeURIComponent(new URL(url, endpoint).pathname).split("/");
    const { ETag = "" } = await client.send(
      new PutObjectCommand({ Bucket, Key: key.join("/"), Body: body, ContentType: "application/json" }),
    );
    return answer.writeHead(200, { etag: ETag }).end();
  }

  function pass(asked: IncomingMessage, answer: ServerResponse) {
    const { method, url = "/", headers } = asked;
    const passed = forward(new URL(url, endpoint), { method, headers }, (given) => {
      answer.writeHead(given.statusCode ?? 502, given.headers);
      given.pipe(answer);
    });
    return asked.pipe(passed);
  }

  const server = createServer((asked, answer) => {
    serve(asked, answer).catch(() => answer.destroy());
  });
  const origin = await listen(server, 0);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
    client.destroy();
  });
  return { settings: settings(origin), writes };
}
