import { AsyncLocalStorage } from "node:async_hooks";
import type { DurableSteps } from "../../functions/adapters/workflow/durable-steps.ts";
import { type Bucket, openBucket } from "../../functions/adapters/bucket/bucket.ts";
import type { AppContext } from "../../functions/app/context.ts";
import { runExport } from "../../functions/app/workflow/export-workflow.ts";
import { type ProxyAction, openProxy } from "./unreliable-servers.ts";

/**
 * An attempt of a step. The attempt stops at a request to S3, and goes on when the step `thawsAt` begins. Without
 * `thawsAt`, the attempt goes on after the export's end.
 */
export type StaleAttempt = {
  step: string;
  /** The request at which the attempt stops: its number, from 1, or a pattern for its method and path. */
  freezesAt: number | RegExp;
  thawsAt?: string;
};

type Haunting = {
  ghosts: StaleAttempt[];
  /** Called after an attempt has stopped, and before the step runs again. */
  onFrozen?: (step: string) => unknown;
  /** Called after the export has ended, and before the stopped attempts go on. */
  onEnd?: () => Promise<void>;
};

/**
 * Runs an export in which some steps begin with an attempt that stops. Another attempt of the step follows, and only
 * its result is kept, as in an execution's history. Returns the names of the steps and the number of attempts that
 * stopped.
 */
export async function runWithStaleAttempts(app: AppContext, id: string, haunting: Haunting) {
  const { ghosts, onFrozen = () => undefined, onEnd = async () => undefined } = haunting;
  const scope = new AsyncLocalStorage<Bucket>();
  const haunted = { ...app, bucket: followScope(app.bucket, scope) };
  const frozen: { ghost: StaleAttempt; thaw: () => Promise<void> }[] = [];
  const names: string[] = [];
  let freezes = 0;

  async function thaw(isDue: (ghost: StaleAttempt) => boolean): Promise<void> {
    for (const one of frozen.filter(({ ghost }) => isDue(ghost))) {
      frozen.splice(frozen.indexOf(one), 1);
      await one.thaw();
    }
  }

  async function raise(ghost: StaleAttempt, run: () => Promise<unknown>): Promise<void> {
    const attempt = await freeze(app, ghost);
    const done = scope.run(attempt.bucket, run).catch(() => undefined);
    await Promise.race([attempt.isFrozen, done]);
    frozen.push({ ghost, thaw: () => (attempt.release(), done.then(() => undefined)) });
    if (attempt.hasFrozen()) freezes += 1;
    onFrozen(ghost.step);
  }

  const steps: DurableSteps = {
    async step(name, run) {
      names.push(name);
      await thaw(({ thawsAt }) => thawsAt === name);
      for (const ghost of ghosts.filter(({ step }) => step === name)) await raise(ghost, run);
      const text = JSON.stringify(await run());
      return text === undefined ? undefined : JSON.parse(text);
    },
    async wait(_name, seconds) {
      await app.clock.sleep(seconds * 1000);
    },
  };

  await runExport(steps, haunted, id);
  await onEnd();
  await thaw(() => true);
  return { names, freezes };
}

/**
 * Returns a bucket with the methods of the current attempt's bucket. Outside of an attempt, it has those of `bucket`.
 */
function followScope(bucket: Bucket, scope: AsyncLocalStorage<Bucket>): Bucket {
  return new Proxy(bucket, {
    get: (_target, name: keyof Bucket) => (scope.getStore() ?? bucket)[name],
  });
}

async function freeze({ config }: AppContext, { freezesAt }: StaleAttempt) {
  const held = Promise.withResolvers<void>();
  const isFrozen = Promise.withResolvers<void>();
  let requests = 0;
  let hasFrozen = false;
  const endpoint = await openProxy(
    config.bucket.endpoint ?? "",
    async ({ method, url }): Promise<ProxyAction> => {
      requests += 1;
      const isIt =
        typeof freezesAt === "number" ? requests === freezesAt : freezesAt.test(`${method} ${url}`);
      if (isIt) {
        hasFrozen = true;
        isFrozen.resolve();
      }
      if (hasFrozen) await held.promise;
      return "pass";
    },
  );
  return {
    bucket: openBucket({ ...config.bucket, endpoint }),
    isFrozen: isFrozen.promise,
    hasFrozen: () => hasFrozen,
    release: () => held.resolve(),
  };
}
