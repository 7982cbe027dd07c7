import { findPackageJSON } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { workflow } from "sst/aws/workflow";
import type { Update } from "./operations.ts";

/** What `workflow.handler` returns: the function that Lambda invokes. */
export type DurableHandler = ReturnType<typeof workflow.handler>;
export type InvocationInput = Parameters<DurableHandler>[0];
export type SdkOperation = InvocationInput["InitialExecutionState"]["Operations"][number];

export type CheckpointRequest = { CheckpointToken: string; Updates?: Update[] };
export type CheckpointResponse = {
  CheckpointToken: string;
  NewExecutionState: { Operations: SdkOperation[] };
};
export type StateRequest = { CheckpointToken: string; Marker?: string; MaxItems?: number };
export type Page = { Operations: SdkOperation[]; NextMarker?: string };

/** The two calls that the SDK makes while a handler runs. */
export type DurableClient = {
  checkpoint: (request: CheckpointRequest) => Promise<CheckpointResponse>;
  getExecutionState: (request: StateRequest) => Promise<Page>;
};

type Sdk = {
  DurableExecutionInvocationInputWithClient: new (
    params: InvocationInput,
    client: DurableClient,
  ) => InvocationInput & { durableExecutionClient: DurableClient };
};

// sst pins the SDK and keeps it in a node_modules of its own, so it is looked up from where sst is
const manifest = findPackageJSON("@aws/durable-execution-sdk-js", import.meta.resolve("sst/aws/workflow"));
if (manifest === undefined) throw new Error("sst has no durable execution SDK");
const sdk: Sdk = await import(pathToFileURL(join(dirname(manifest), "dist/index.mjs")).href);

/** An invocation's input whose checkpoints go to the client instead of to AWS. */
export function makeInput(params: InvocationInput, client: DurableClient): InvocationInput {
  return new sdk.DurableExecutionInvocationInputWithClient(params, client);
}

/** What makeInput was given, for a handler that runs in another process. */
export function takeClient(input: InvocationInput): { params: InvocationInput; client: DurableClient } {
  if (!(input instanceof sdk.DurableExecutionInvocationInputWithClient))
    throw new Error("the input has no client");
  const { durableExecutionClient: client, ...params } = input;
  return { params, client };
}
