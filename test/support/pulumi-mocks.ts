import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import type { Graph } from "./graph.ts";
import { startSstServer } from "./sst-server.ts";

const Values = z.record(z.string(), z.unknown());
type Values = z.infer<typeof Values>;

type Struct = { toJavaScript: () => unknown };
type Callback = (...results: unknown[]) => void;

type Registration = {
  getType: () => string;
  getName: () => string;
  getObject: () => Struct | undefined;
  getProtect: () => boolean | undefined;
  getRetainondelete: () => boolean | undefined;
};

type Monitor = {
  registerResource: (this: Monitor, request: Registration, callback: Callback) => Promise<void>;
  registerResourceOutputs: (
    this: Monitor,
    request: { getOutputs: () => Struct | undefined },
    callback: Callback,
  ) => void;
};

type Program = {
  pulumi: {
    runtime: {
      setMocks: (mocks: object, project: string, stack: string, preview: boolean) => Promise<void>;
      runInPulumiStack: (start: () => Promise<Values>) => Promise<Values>;
    };
  };
  MockMonitor: { prototype: Monitor };
  run: (start: () => Promise<Values>) => Promise<Values>;
  config: { app: (input: { stage: string }) => Promise<Values>; run: () => Promise<Values> };
};

const graph: Graph = { app: {}, resources: [], outputs: {}, links: {}, handlers: {} };

/**
 * Deploys the stack to mocks, in a separate process. Writes `graph.json` into the folder `work`, the program's second
 * argument.
 */
export async function deployToMocks({ pulumi, MockMonitor, run, config }: Program) {
  const [root = "", work = "", stage = ""] = process.argv.slice(2);
  graph.app = { ...(await config.app({ stage })), stage };
  const paths = { root, work, platform: join(root, ".sst/platform") };
  Object.assign(globalThis, { $app: graph.app, $cli: { command: "deploy", paths } });
  await startSstServer(work, graph.handlers);
  recordResources(MockMonitor.prototype);
  await pulumi.runtime.setMocks({ newResource, call }, "offer-export", stage, false);
  // Writes the graph at the end of the process, because resources are still registered after the stack's outputs are
  // known.
  process.on("beforeExit", () => writeFileSync(join(work, "graph.json"), JSON.stringify(graph)));
  graph.outputs = readValues(await pulumi.runtime.runInPulumiStack(() => run(config.run)));
}

function recordResources(monitor: Monitor) {
  const { registerResource, registerResourceOutputs } = monitor;
  monitor.registerResource = function record(request, callback) {
    graph.resources.push({
      type: request.getType(),
      name: request.getName(),
      inputs: readValues(request.getObject()?.toJavaScript()),
      isProtected: request.getProtect() ?? false,
      isRetained: request.getRetainondelete() ?? false,
    });
    return registerResource.call(this, request, callback);
  };
  monitor.registerResourceOutputs = function record(request, callback) {
    const { target, properties } = readValues(request.getOutputs()?.toJavaScript());
    if (typeof target === "string") graph.links[target] = readValues(properties);
    registerResourceOutputs.call(this, request, callback);
  };
}

function readValues(values: unknown = {}) {
  return Values.parse(unwrapSecrets(values));
}

/** The key by which Pulumi marks a secret when it serialises values. */
const secretMark = "4dabf18193072939515e22adb298388d";

function unwrapSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrapSecrets);
  if (typeof value !== "object" || value === null) return value;
  if (secretMark in value && "value" in value) return unwrapSecrets(value.value);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unwrapSecrets(inner)]));
}

function newResource({ type, name, inputs }: { type: string; name: string; inputs: Values }) {
  return { id: `${name}-id`, state: { ...inputs, ...makeState(type, name, readValues(inputs)) } };
}

const functions = "arn:aws:lambda:eu-central-1:123456789012:function";

/** Returns the outputs that AWS would fill in for a resource, as far as the program reads them. */
function makeState(type: string, name: string, inputs: Values) {
  if (type === "aws:s3/bucket:Bucket") return { arn: `arn:aws:s3:::${String(inputs["bucket"])}` };
  if (type === "aws:lambda/functionUrl:FunctionUrl") return { functionUrl: `https://${name}.example/` };
  if (type === "aws:sqs/queue:Queue") {
    return { arn: `arn:aws:sqs:eu-central-1:123456789012:${name}`, url: `https://sqs.example/${name}` };
  }
  if (type === "aws:lambda/function:Function") {
    const given = String(inputs["name"]);
    // SST derives the function's name from the logical name unless `name` is set.
    const known = given.includes(name) ? name : given;
    const arn = `${functions}:${known}`;
    return { arn, name: known, version: "7", qualifiedArn: `${arn}:7` };
  }
  if (type === "aws:lambda/alias:Alias") {
    return { arn: `${functions}:${String(inputs["functionName"])}:${String(inputs["name"])}` };
  }
  if (type === "random:index/randomBytes:RandomBytes") return { base64: "a2V5" };
  return { arn: inputs["arn"] ?? `arn:aws:mock:::${name}`, name: inputs["name"] ?? name };
}

function call({ token, inputs }: { token: string; inputs: Values }) {
  switch (token) {
    case "aws:index/getPartition:getPartition":
      return { partition: "aws" };
    case "aws:index/getRegion:getRegion":
      return { region: "eu-central-1", name: "eu-central-1" };
    case "aws:index/getCallerIdentity:getCallerIdentity":
      return { accountId: "123456789012" };
    case "aws:iam/getPolicyDocument:getPolicyDocument":
      return makePolicyDocument(inputs["statements"]);
    default:
      throw new Error(`no mock of ${token}`);
  }
}

const Statement = z.object({
  effect: z.string().default("Allow"),
  actions: z.array(z.string()),
  resources: z.array(z.string()).optional(),
  principals: z.array(z.object({ type: z.string(), identifiers: z.array(z.string()) })).optional(),
  conditions: z
    .array(z.object({ test: z.string(), variable: z.string(), values: z.array(z.string()) }))
    .optional(),
});

/** Converts a policy document to IAM's JSON, as AWS's provider does. */
export function makePolicyDocument(inputs: unknown) {
  const statements = z.array(Statement).parse(inputs);
  const policy = { Version: "2012-10-17", Statement: statements.map(makeStatement) };
  return { statements, json: JSON.stringify(policy) };
}

function makeStatement({ effect, actions, resources, principals, conditions }: z.infer<typeof Statement>) {
  return {
    Effect: effect,
    Action: actions,
    Resource: resources,
    Principal:
      principals && Object.fromEntries(principals.map(({ type, identifiers }) => [type, identifiers])),
    Condition:
      conditions &&
      Object.fromEntries(conditions.map(({ test, variable, values }) => [test, { [variable]: values }])),
  };
}
