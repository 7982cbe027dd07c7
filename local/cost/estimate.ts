import { functions } from "../lambda/bundle.ts";
import type { Prices } from "./price.ts";
import type { Measured, Usage } from "./usage.ts";

type PriceList = Prices["prices"];

/** In dollars, by what is paid for. */
export type Cost = { functions: number; durable: number; storage: number; rest: number };

/** At 1,769 MB a function has one processor: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
const wholeProcessorMb = 1769;
/** A request to S3 from Lambda; on loopback it takes next to none. */
const storageMs = 20;
/** The lines that Lambda writes of each invocation of the workflow; of the URL's it writes none. */
const logBytes = 1_000;
/** A line of our own: of a step that ran (there are no more than operations) and of a request to the URL. */
const lineBytes = 400;
/** How long things are kept. */
const days = { snapshot: 40, file: 30, history: 14, log: 90 };
const monthDays = 30;

const windowSeconds = 60;
const requestsPerWindow = 60;
/** The requests of the last window, and the report. */
const lastSeconds = 5;
/** How long `GET /export` waits, how often it looks meanwhile, and how often whoever follows asks from then on. */
const patience = { waitSeconds: 25, looks: 28, pauseSeconds: 60 };

/** The export that somebody asks for at the URL, waits for and downloads. */
export function estimateExport(usage: Usage, { state }: Measured, prices: PriceList): Cost {
  const seconds = windowSeconds * Math.floor(usage.requests / requestsPerWindow) + lastSeconds;
  const waitedSeconds = Math.min(seconds, patience.waitSeconds);
  const polls = Math.ceil((seconds - waitedSeconds) / patience.pauseSeconds);
  const answered = {
    ms: waitedSeconds * 1000 + billAnswer(state.coldCpuMs) + polls * (billAnswer(state.cpuMs) + storageMs),
    invocations: 1 + polls,
  };
  const cost = estimateReports(usage, prices);
  return {
    ...cost,
    functions: cost.functions + priceRuns(answered, "http", prices),
    storage: cost.storage + (patience.looks + polls) * prices.storageRead.usd,
    rest:
      cost.rest +
      gb(usage.fileBytes) * prices.transferGb.usd +
      priceLogs(answered.invocations * lineBytes, prices),
  };
}

/** Reports that nobody waits for or downloads, with what they leave for as long as it is kept. */
export function estimateReports(usage: Usage, prices: PriceList): Cost {
  const { workflow, storage, operations, historyBytes, snapshotBytes, fileBytes } = usage;
  const waitedMs = workflow.wallMs - workflow.cpuMs + (storage.writes + storage.reads) * storageMs;
  const ms = waitedMs + workflow.cpuMs / findShare("export");
  const { durableWrittenGb, durableKeptGbMonth } = prices;
  return {
    functions: priceRuns({ ms, invocations: workflow.invocations }, "export", prices),
    durable:
      operations * prices.durableOperation.usd +
      gb(historyBytes) * (durableWrittenGb.usd + months(days.history) * durableKeptGbMonth.usd),
    storage:
      storage.writes * prices.storageWrite.usd +
      storage.reads * prices.storageRead.usd +
      (gb(snapshotBytes) * months(days.snapshot) + gb(fileBytes) * months(days.file)) *
        prices.storageGbMonth.usd,
    rest: priceLogs(workflow.invocations * logBytes + operations * lineBytes, prices),
  };
}

/** With what they are kept. */
function priceLogs(bytes: number, { logGb, logKeptGbMonth }: PriceList): number {
  return gb(bytes) * (logGb.usd + months(days.log) * logKeptGbMonth.usd);
}

type Runs = { ms: number; invocations: number };

export function priceRuns(
  { ms, invocations }: Runs,
  name: keyof typeof functions,
  prices: PriceList,
): number {
  const gbSeconds = (functions[name].memoryMb / 1024) * (ms / 1000);
  return gbSeconds * prices.computeGbSecond.usd + invocations * prices.invocation.usd;
}

/** What an answer behind the URL is billed that takes so long of a whole processor. */
export function billAnswer(cpuMs: number): number {
  return Math.ceil(cpuMs / findShare("http"));
}

/** Of a processor. */
function findShare(name: keyof typeof functions): number {
  return functions[name].memoryMb / wholeProcessorMb;
}

export function gb(bytes: number): number {
  return bytes / 1024 ** 3;
}

function months(count: number): number {
  return count / monthDays;
}
