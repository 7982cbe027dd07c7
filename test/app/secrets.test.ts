import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { parseQuery } from "../../functions/core/options/export-request.ts";
import { requestExport } from "../../functions/app/export/start-export.ts";
import { captureOutput, eventually } from "../support/captured-output.ts";
import { markSecret } from "../support/written-output.ts";
import { rawOffer } from "../support/offer-fixtures.ts";
import { portalKey } from "../support/test-portal.ts";
import { readBucketObjects } from "../support/execution-replay.ts";
import { forgePart } from "../support/snapshot-fixtures.ts";
import { accessToken, type TestStack } from "../support/test-stack.ts";
import { openVirtualPortal, openVirtualStack, type VirtualStack } from "../support/virtual-stack.ts";
import { useWorld } from "../support/virtual-world.ts";

const planted = {
  customerId: "cst_planted00000001",
  offerNumber: "planted-number",
  acceptedViaIp: "203.0.113.77",
  acceptedViaUserAgent: "PlantedAgent/7.0",
  acceptanceSignature: "data:image/png;base64,UGxhbnRlZA==",
};
Object.values(planted).forEach(markSecret);
const offer = rawOffer({ ...planted, acceptedAt: "2024-05-14T21:00:00+02:00" });
const secrets = [...Object.values(planted), portalKey, accessToken, "X-Amz-Signature"];
/** A planted value that is no valid JSON. The error of a JSON parser quotes the text that it cannot parse. */
const broken = planted.acceptedViaUserAgent;

async function openSecretStack() {
  let isBroken = false;
  const clock = useWorld().clock;
  const portal = await openVirtualPortal({
    offers: [offer],
    clock,
    intercept: (_request, response) => isBroken && Boolean(response.writeHead(200).end(`{${broken}`)),
  });
  return { stack: await openVirtualStack(portal, {}, clock), breakPortal: () => (isBroken = true) };
}

/** Reads the stored texts of exports, claims and executions. Snapshots and report files are left out. */
async function readTraces({ app, executions }: VirtualStack): Promise<string> {
  const objects = [...(await readBucketObjects(app.bucket))].filter(([key]) =>
    /^(exports|claims)\//.test(key),
  );
  const logs = executions.list().map((name) => JSON.stringify(executions.listEvents(name)));
  const texts = objects.map(([key, bytes]) => `${key} ${Buffer.from(bytes).toString()}`);
  return [...texts, ...logs].join("\n");
}

async function readFileOf({ ask }: TestStack, id: string): Promise<string> {
  const { headers } = await ask(`exports/${id}/file`);
  return await (await fetch(headers.get("location") ?? "")).text();
}

it("leaves nothing of offers, keys and links in logs, histories, exports and claims", async () => {
  const output = captureOutput();
  const { stack, breakPortal } = await openSecretStack();
  const { ask, app, workflow } = stack;
  const expectFailure = (path: string) => eventually(async () => expect((await ask(path)).status).toBe(502));
  expect((await ask("export?evidence=true&format=csv")).status).toBe(200);
  const request = parseQuery(new URLSearchParams("evidence=true&format=csv"), app.calendar.dayOf(Date.now()));
  const { id } = await requestExport(app, workflow, request);
  for (const value of [planted.acceptedViaIp, planted.customerId])
    expect(await readFileOf(stack, id)).toContain(value);

  // Damages the snapshot, so that every attempt of the report's step fails.
  await forgePart(app.bucket, id, gzipSync(`${broken}\n`));
  await expectFailure("export?evidence=true&format=xlsx");
  breakPortal();
  await expectFailure("export?evidence=true&maxAge=0&status=open");

  const traces = await readTraces(stack);
  expect(traces).toContain("SyntaxError");
  expect(output()).toContain("SyntaxError");
  for (const secret of secrets) expect(`${output()}\n${traces}`).not.toContain(secret);
});
