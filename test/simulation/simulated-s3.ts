import type { S3Client } from "@aws-sdk/client-s3";
import type { FaultRates, FaultSource } from "./fault-source.ts";
import type { HistoryTrace } from "./history-trace.ts";
import { connectionError, makeResponse, makeServiceError, readCommand, timeoutError } from "./s3-commands.ts";
import { createS3Objects, type S3Answer, type S3Objects, type S3Request } from "./s3-objects.ts";
import type { SimulatedProcess } from "./simulated-process.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** What can go wrong with one attempt at a request. */
export type S3Fault =
  /** The connection breaks before S3 has the request. */
  | "unsent"
  /** S3 does what was asked, and the connection breaks before the answer arrives. */
  | "unanswered"
  /** The client gives up, and S3 does what was asked only after that. */
  | "late"
  /** S3 does what was asked after many seconds, and the client waits for it. */
  | "slow"
  /** S3 answers 503 and does nothing. */
  | "busy"
  /** S3 answers 500 and does nothing. */
  | "failed"
  /** S3 does what was asked, and answers 500. */
  | "done and failed"
  /** The answer breaks off in the object's bytes. */
  | "cut";

export type S3Settings = {
  clock: VirtualClock;
  faults: FaultSource;
  trace: HistoryTrace;
  rates: FaultRates<S3Fault>;
  /** The time in which a request reaches S3 or an answer reaches the client, and the client's timeout. */
  delaysMs?: { min: number; max: number; timeout: number };
  /** A promise of S3 that this storage breaks, to show that a test would see it. */
  defect?: "conditions" | "consistency";
};

/** An object that gets the method by which a client sends its commands. */
export type S3Port = { send?: (command: unknown) => Promise<unknown> };

export type SimulatedS3 = {
  objects: S3Objects;
  /** Makes the client send its commands to the simulated S3, as a client of the process. */
  serve: (client: S3Client | S3Port, process: SimulatedProcess) => void;
  /** Calls `see` after each request that S3 has carried out, with the name of the process that sent it. */
  watch: (see: SeeRequest) => void;
};

type SeeRequest = (request: S3Request, answer: S3Answer, by: string) => void;

/** The outcome of one attempt, as the client sees it. */
type Outcome = { response: object } | { error: Error; status: number | null };

type Sent = { sentMs: number; by: string };

/** The SDK's default of `maxAttempts`, and the bounds of its pauses between attempts. */
const maxAttempts = 3;
const pausesMs = { base: 100, busyBase: 500, max: 20_000 };
/** A request that takes effect after the client's timeout does so within this time. */
const maxLateMs = 5_000;

/**
 * Opens one bucket of S3 for several processes. Each request takes effect at one moment between its start and its
 * answer. Clients repeat a failed attempt as the SDK does, so a client can meet the effect of its own lost request.
 */
export function openSimulatedS3(settings: S3Settings): SimulatedS3 {
  const { clock, faults, trace, rates, delaysMs = { min: 2, max: 200, timeout: 30_000 } } = settings;
  const objects = createS3Objects(clock.now, settings.defect);
  const watchers: SeeRequest[] = [];
  /** The time of the last change of each key. */
  const changedMs = new Map<string, number>();

  function carryOut(request: S3Request, by: string): S3Answer {
    const answer = objects.answer(request);
    if ("key" in request && isChange(request) && answer.kind !== "refused")
      changedMs.set(request.key, clock.now());
    for (const see of watchers) see(request, answer, by);
    return answer;
  }

  /**
   * Carries out a request. S3 answers 409 instead of 412 when the other write came while this one was under way, and
   * does not promise which of the two it answers.
   */
  function answerSince(request: S3Request, { sentMs, by }: Sent): S3Answer {
    const answer = carryOut(request, by);
    if (answer.kind !== "refused" || answer.status !== 412 || !("key" in request)) return answer;
    const isConcurrent = (changedMs.get(request.key) ?? -Infinity) >= sentMs;
    return isConcurrent && faults.drawSide("s3 conflict")
      ? { kind: "refused", status: 409, code: "ConditionalRequestConflict" }
      : answer;
  }

  function attempt(request: S3Request, by: string): Promise<Outcome> {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const fault = faults.drawFault(`s3 ${request.kind}`, rates);
    const sent = { sentMs: clock.now(), by };
    const arrivalMs =
      fault === "slow"
        ? faults.drawDelayMs("s3 slow", delaysMs.max, delaysMs.timeout - delaysMs.max)
        : faults.drawDelayMs("s3", delaysMs.min, delaysMs.max);
    const answerMs = faults.drawDelayMs("s3", delaysMs.min, delaysMs.max);
    const reply = (outcome: Outcome) => void clock.schedule(answerMs, () => resolve(outcome));

    if (fault === "late") {
      const lateMs = delaysMs.timeout + faults.drawDelayMs("s3 late", 1, maxLateMs);
      clock.schedule(delaysMs.timeout, () => resolve({ error: timeoutError(), status: null }));
      clock.schedule(lateMs, () => {
        trace.note(
          "s3",
          `late: ${describeRequest(request)} -> ${describeAnswer(answerSince(request, sent))}`,
        );
      });
      return promise;
    }
    clock.schedule(arrivalMs, () => {
      if (fault === "unsent") return reply({ error: connectionError("ECONNRESET"), status: null });
      if (fault === "busy") return reply(refuse(503, "SlowDown"));
      if (fault === "failed") return reply(refuse(500, "InternalError"));
      const answer = answerSince(request, sent);
      if (fault === "unanswered") return reply({ error: connectionError("ECONNRESET"), status: null });
      if (fault === "done and failed") return reply(refuse(500, "InternalError"));
      if (answer.kind === "refused") return reply(refuse(answer.status, nameRefusal(request, answer.code)));
      return reply({ response: makeResponse(answer, fault === "cut") });
    });
    return promise;
  }

  /** Sends a command, and repeats attempts that failed without a clear answer. */
  async function send(command: unknown, process: SimulatedProcess): Promise<object> {
    const request = readCommand(command);
    for (let tries = 1; ; tries += 1) {
      const outcome = await attempt(request, process.name);
      await process.pass();
      trace.note(process.name, `${describeRequest(request)} -> ${describeOutcome(outcome)}`);
      if ("response" in outcome) return outcome.response;
      const { error, status } = outcome;
      if (tries === maxAttempts || (status !== null && status < 500)) throw error;
      const baseMs = status === 503 ? pausesMs.busyBase : pausesMs.base;
      await process.clock.sleep(
        faults.drawDelayMs("s3 pause", 0, Math.min(baseMs * 2 ** (tries - 1), pausesMs.max)),
      );
    }
  }

  return {
    objects,
    serve: (client, process) =>
      void Object.assign(client, { send: (command: unknown) => send(command, process) }),
    watch: (see) => void watchers.push(see),
  };
}

function isChange({ kind }: S3Request): boolean {
  return kind === "put" || kind === "delete" || kind === "complete-upload";
}

function refuse(status: number, code: string): Outcome {
  return { error: makeServiceError(status, code), status };
}

/** A response to HEAD has no body, so the SDK knows only the status. */
function nameRefusal({ kind }: S3Request, code: string): string {
  return kind === "head" && code === "NoSuchKey" ? "NotFound" : code;
}

function describeRequest(request: S3Request): string {
  const name = "key" in request ? request.key : `${request.prefix}*`;
  const details = [
    "condition" in request &&
      request.condition.ifMatch !== undefined &&
      `if-match ${request.condition.ifMatch}`,
    "condition" in request && request.condition.ifNoneMatch !== undefined && "if-none-match *",
    "uploadId" in request && request.uploadId,
    "body" in request && `${request.body.length} bytes`,
  ];
  return [request.kind, name, ...details.filter((detail) => detail !== false)].join(" ");
}

function describeAnswer(answer: S3Answer): string {
  return answer.kind === "refused" ? `${answer.status} ${answer.code}` : answer.kind;
}

function describeOutcome(outcome: Outcome): string {
  if ("response" in outcome)
    return "ETag" in outcome.response ? `200 ${String(outcome.response.ETag)}` : "200";
  return `${outcome.status ?? "no answer"} ${outcome.error.name === "Error" ? outcome.error.message : outcome.error.name}`;
}
