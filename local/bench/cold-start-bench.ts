import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { installClient, startEnvironment } from "../lambda/lambda-function.ts";
import { atMost, type BenchFigure } from "./bench-figures.ts";
import { findMedian } from "./bench-figures--median.ts";
import { prepareEmpty, prepareQuestions, type Question } from "./cold-start-bench--question.ts";

const rounds = 21;

const bounds = [
  { name: "page", what: "of GET /", most: 1.5 },
  { name: "refusal", what: "to a refused token", most: 1.5 },
  { name: "state", what: "of GET /exports/{id}", most: 5 },
] as const;

type Name = "empty" | (typeof bounds)[number]["name"];
type Start = { ms: number; peakMb: number };

/** First answers in AWS's runtime, each of a process of its own, in turns with a handler that does nothing. */
export async function benchStart(): Promise<BenchFigure[]> {
  const directory = await mkdtemp(join(tmpdir(), "offer-export-start-"));
  try {
    await installClient();
    const empty = await prepareEmpty(join(directory, "empty"));
    return compare(await takeTurns({ empty, ...(await prepareQuestions(join(directory, "http"))) }));
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function takeTurns(questions: Record<Name, Question>): Promise<Record<Name, Start>[]> {
  const turns: Record<Name, Start>[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const { empty, page, refusal, state } = questions;
    turns.push({
      empty: await start(empty),
      page: await start(page),
      refusal: await start(refusal),
      state: await start(state),
    });
  }
  return turns;
}

function compare(turns: Record<Name, Start>[]): BenchFigure[] {
  return bounds.map(({ name, what, most }) => {
    const memories = (["empty", name] as const).map((one) =>
      findMedian(turns.map((turn) => turn[one].peakMb)),
    );
    const [empty, own] = memories.map((mb) => mb.toFixed(0));
    const ratio = findMedian(turns.map((turn) => turn[name].ms / turn.empty.ms));
    return atMost(`first answer ${what}, to that of an empty handler (${own} MB, ${empty} MB)`, ratio, {
      most,
      unit: "",
    });
  });
}

const Answer = z.object({ statusCode: z.number() });

async function start({ options, payload, status }: Question): Promise<Start> {
  const beganMs = performance.now();
  const environment = await startEnvironment(options);
  try {
    const answered = await environment.invoke({ payload, requestId: "bench" });
    const ms = performance.now() - beganMs;
    const { statusCode } = Answer.parse(JSON.parse(answered.payload));
    if (statusCode !== status) throw new Error(`${options.name} answered ${statusCode}, not ${status}`);
    return { ms, peakMb: answered.usage.peakMb };
  } finally {
    await environment.stop();
  }
}
