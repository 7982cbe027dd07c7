import { randomUUID } from "node:crypto";
import { handler } from "../../functions/tick.ts";

// A process to be killed: takes the ticks, all at once; ends with 1 where one of them failed.
process.stdout.write("running\n");
const events: unknown[] = JSON.parse(process.argv[2] ?? "[]");
const outcomes = await Promise.allSettled(
  events.map((event) => handler(event, { awsRequestId: randomUUID() })),
);
process.exitCode = outcomes.every(({ status }) => status === "fulfilled") ? 0 : 1;
