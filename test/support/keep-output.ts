import { ChildProcess } from "node:child_process";
import { Readable } from "node:stream";
import { format } from "node:util";
// oxlint-disable-next-line import/no-unassigned-import -- it must run before others import node:zlib
import "../simulation/switched-zlib.ts";
import { keepOutput, keepChildOutput, markSecret } from "./written-output.ts";

// This module runs before each test file. It keeps the output of the file and of its child processes for the search
// at the end of the test run. A process that runs several test files keeps the output once.

/** True the first time in this process that it is called with the object. */
function isNew(object: object): boolean {
  const mark = Symbol.for("offer-export: output is kept");
  return !Object.hasOwn(object, mark) && Reflect.defineProperty(object, mark, { value: true });
}

const routine = /^\{"(level":"INFO|_aws)"/;

for (const stream of [process.stdout, process.stderr].filter(isNew)) {
  const write = stream.write.bind(stream);
  stream.write = (chunk: string | Uint8Array, ...rest: never[]) => {
    keepOutput(chunk);
    // Hides routine log lines, because they would clutter the list of tests.
    return write(routine.test(chunk.toString()) ? "" : chunk, ...rest);
  };
}

for (const method of isNew(console) ? (["debug", "log", "info", "warn", "error"] as const) : []) {
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

const hooks = {
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
};

if (isNew(ChildProcess.prototype)) Object.assign(ChildProcess.prototype, hooks);

function pickJson(text: string): string {
  const lines = text.split("\n").filter((line) => line.startsWith("{"));
  return lines.map((line) => `${line}\n`).join("");
}
