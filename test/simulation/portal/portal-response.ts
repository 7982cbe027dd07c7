import type { describeError } from "./portal-faults.ts";
import { connectionError } from "../s3/s3-commands.ts";

export type PortalAnswer = {
  status: number;
  contentType: string;
  body: string | Uint8Array<ArrayBuffer>;
  headers: [string, string][];
  /** True when the headers state what is left of the limit. */
  isStated: boolean;
  pausedUntilMs: number | null;
  failure: NonNullable<ReturnType<typeof describeError>["failure"]> | null;
  note: string;
};

/** The parts of a response that the portal's client reads. A real one takes five times as long to make. */
type LightResponse = {
  status: number;
  headers: { get: (name: string) => string | null };
  arrayBuffer: () => Promise<ArrayBuffer>;
};

/** Makes the response that the client reads. A cut body ends early, with an error or without. */
export function makeResponse(
  { status, contentType, body, headers, failure }: PortalAnswer,
  portalMs: number,
): Response {
  const known = new Map([
    ...headers,
    ["content-type", contentType],
    ["date", new Date(portalMs).toUTCString()],
  ]);
  const bytes = typeof body === "string" ? encoder.encode(body) : body;
  return castResponse({
    status,
    headers: { get: (name) => known.get(name.toLowerCase()) ?? null },
    arrayBuffer: async () => {
      if (failure === "cut") throw new TypeError("terminated", { cause: connectionError("UND_ERR_SOCKET") });
      return failure === "cut text" ? bytes.buffer.slice(0, bytes.length / 2) : bytes.buffer;
    },
  });
}

const encoder = new TextEncoder();

function castResponse(light: LightResponse): Response;
function castResponse(light: LightResponse): unknown {
  return light;
}
