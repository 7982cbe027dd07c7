import { ChildProcess } from "node:child_process";
import { Readable } from "node:stream";
import { format } from "node:util";
import { keepOutput, keepChildOutput, markSecret } from "./written-output.ts";

// This module runs before each test file. It keeps the output of the file and of its child processes for the search
// at the end of the test run.

const routine = /^\{"(level":"INFO|_aws)"/;

for (const stream of [process.stdout, process.stderr]) {
  const write = stream.write.bind(stream);
  stream.write = (chunk: string | Uint8Array, ...rest: never[]) => {
    keepOutput(chunk);
    // Hides routine log lines, because they would clutter the list of tests.
    return write(routine.test(chunk.toString()) ? "" : chunk, ...rest);
  };
}

for (const method of ["debug", "log", "info", "warn", "error"] as const) {
  const say = console[method].bind(console);
  console[method] = (...words: unknown[]) => {
    keepOutput(format(...words));
    say(...words);
  };
}

type Spawned = { file: string; args: string[]; envPairs?: string[] };

const spawn: unknown = Reflect.get(ChildProcess.prototype, "spawn");
if (typeof spawn !== "function") throw new Error("Node starts its children in another way");

/** True for the program of `npm start`. It prints a token and a link for a person, so only its JSON lines are kept. */
const speaksToPeople = (args: string[]) => args.some((arg) => /local[\\/]start\.ts$/.test(arg));

function listSecrets(envPairs: string[]): string[] {
  return envPairs
    .filter((pair) => /^(ACCESS_TOKEN|PORTAL_API_KEY|AWS_SECRET_ACCESS_KEY|SST_KEY)=.{12}/.test(pair))
    .flatMap((pair) => pair.slice(pair.indexOf("=") + 1).split(","));
}

Object.assign(ChildProcess.prototype, {
  spawn(this: ChildProcess, options: Spawned): unknown {
    const code: unknown = Reflect.apply(spawn, this, [options]);
    // Only Node processes run functions, so the output of other programs, such as a browser, is ignored.
    if (!/\bnode(\.exe)?$/.test(options.file)) return code;
    listSecrets(options.envPairs ?? []).forEach(markSecret);
    for (const name of ["stdout", "stderr"] as const) {
      const stream = this[name];
      if (stream === null || stream === undefined) continue;
      const isForPeople = name === "stdout" && speaksToPeople(options.args);
      // Overrides `push` instead of adding a listener. A listener would start the stream, and the code that spawned
      // the child would miss the first data.
      stream.push = (chunk: Buffer | string | null, encoding?: BufferEncoding) => {
        if (chunk !== null)
          keepChildOutput(this.pid ?? 0, name, isForPeople ? pickJson(chunk.toString()) : chunk.toString());
        return Readable.prototype.push.call(stream, chunk, encoding);
      };
    }
    return code;
  },
});

function pickJson(text: string): string {
  const lines = text.split("\n").filter((line) => line.startsWith("{"));
  return lines.map((line) => `${line}\n`).join("");
}
