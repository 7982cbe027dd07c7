import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { describe, expect, it, onTestFinished } from "vitest";
import { openLambdaWorkflow } from "../../../functions/adapters/workflow/lambda-workflow.ts";
import { listen } from "../../../local/loopback-server.ts";

const place = { name: "offer-export-ExportHandler", qualifier: "live", region: "eu-central-1" };
const credentials = { accessKeyId: "AKIDOFTHETESTS", secretAccessKey: "secret-key-of-the-tests" };
const id = "zd37ovrvu-cbeb91a97cff-8a6fe4372267";
const refusal = { name: "ExportError", kind: "workflow", code: "workflow_failed" };

type Call = { method: string; url: string; headers: IncomingMessage["headers"]; body: string };
type Answer = { status: number; error?: string } | "silence" | "half";

/** Opens a fake Lambda endpoint. The first call gets the first answer, and so on; the last answer is repeated. */
async function openLambda(answers: [Answer, ...Answer[]], patience = { tryMs: 300, totalMs: 1_000 }) {
  const calls: Call[] = [];
  const server = createServer((request, response) => void take(request, response));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });

  async function take(request: IncomingMessage, response: ServerResponse) {
    const { method = "", url = "", headers } = request;
    calls.push({ method, url, headers, body: await text(request) });
    const answer = answers[calls.length - 1] ?? answers.at(-1);
    if (answer === "half") response.writeHead(202, { "content-length": "100" }).write("{");
    if (typeof answer === "object") sendAnswer(response, answer);
  }

  const endpoint = await listen(server, 0);
  return { workflow: openLambdaWorkflow(place, { ...patience, endpoint, credentials }), calls };
}

function sendAnswer(response: ServerResponse, { status, error }: { status: number; error?: string }) {
  if (error === undefined) return response.writeHead(status).end();
  response.writeHead(status, { "content-type": "application/json", "x-amzn-errortype": error });
  return response.end(JSON.stringify({ Message: "an ARN and more" }));
}

describe("the workflow", () => {
  it("starts an execution named after the export, and does not wait for it", async () => {
    const { workflow, calls } = await openLambda([{ status: 202 }]);
    await workflow.start(id);
    expect(calls).toEqual([
      {
        method: "POST",
        url: "/2015-03-31/functions/offer-export-ExportHandler/invocations?Qualifier=live",
        headers: expect.objectContaining({
          "x-amz-invocation-type": "Event",
          "x-amz-durable-execution-name": id,
          authorization: expect.stringMatching(/^AWS4-HMAC-SHA256 .*\/eu-central-1\/lambda\/aws4_request,/),
        }),
        body: JSON.stringify({ id }),
      },
    ]);
  });

  it("gives the execution of a later job its own name", async () => {
    const { workflow, calls } = await openLambda([{ status: 202 }]);
    await workflow.start(id, "0123456789ab");
    expect(calls[0]).toMatchObject({
      headers: { "x-amz-durable-execution-name": `${id}-0123456789ab` },
      body: JSON.stringify({ id, errand: "0123456789ab" }),
    });
  });

  it("treats an existing execution as started", async () => {
    const { workflow, calls } = await openLambda([
      { status: 409, error: "DurableExecutionAlreadyStartedException" },
    ]);
    await expect(workflow.start(id)).resolves.toBeUndefined();
    expect(calls).toHaveLength(1);
  });

  it("retries the same execution while Lambda is too busy", async () => {
    const answers: [Answer, ...Answer[]] = [
      { status: 429, error: "TooManyRequestsException" },
      { status: 500, error: "ServiceException" },
      { status: 202 },
    ];
    // The time limits are long, because the SDK makes random pauses between its attempts, some longer than a second.
    const { workflow, calls } = await openLambda(answers, { tryMs: 5_000, totalMs: 10_000 });
    await workflow.start(id);
    expect(calls.map(({ headers, body }) => [headers["x-amz-durable-execution-name"], body])).toEqual(
      Array.from({ length: 3 }, () => [id, JSON.stringify({ id })]),
    );
  });

  it.each([
    [403, "AccessDeniedException"],
    [404, "ResourceNotFoundException"],
    [409, "ResourceConflictException"],
    [502, "EC2UnexpectedException"],
  ])("explains a refusal with %i %s, and keeps the cause", async (status, error) => {
    const { workflow } = await openLambda([{ status, error }]);
    const attempt = workflow.start(id);
    await expect(attempt).rejects.toMatchObject({
      ...refusal,
      cause: expect.objectContaining({ name: error }),
    });
    await expect(attempt).rejects.toThrow(`AWS Lambda answered ${error}. Try again;`);
    await expect(attempt).rejects.not.toThrow("ARN");
  });

  it.each([
    ["silence", "in three tries", { tryMs: 100, totalMs: 60_000 }, 3],
    ["silence", "within the time for the whole call", { tryMs: 60_000, totalMs: 200 }, 1],
    ["half", "in three tries", { tryMs: 100, totalMs: 60_000 }, 3],
  ] as const)("gives up when the answer is %s, %s", async (answer, _, patience, tries) => {
    const { workflow, calls } = await openLambda([answer], patience);
    await expect(workflow.start(id)).rejects.toMatchObject({
      ...refusal,
      message: expect.stringContaining("AWS Lambda gave no answer. Try again;"),
    });
    expect(calls).toHaveLength(tries);
  });

  it("gives up when Lambda cannot be reached", async () => {
    const endpoint = "http://127.0.0.1:1";
    const workflow = openLambdaWorkflow(place, { tryMs: 300, totalMs: 1_000, endpoint, credentials });
    await expect(workflow.start(id)).rejects.toMatchObject({ ...refusal, cause: expect.any(Error) });
  });
});
