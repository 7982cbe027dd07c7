import { randomUUID } from "node:crypto";
import { handler } from "../../functions/tick.ts";

// This program handles all ticks at once and exits with 1 when one of them fails. Tests kill its process.
process.stdout.write("running\n");
const events: unknown[] = JSON.parse(process.argv[2] ?? "[]");
const outcomes = await Promise.allSettled(
  events.map((event) => handler(event, { awsRequestId: randomUUID() })),
);
process.exitCode = outcomes.every(({ status }) => status === "fulfilled") ? 0 : 1;
