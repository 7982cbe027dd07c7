import { AsyncLocalStorage } from "node:async_hooks";
import type { DurableSteps } from "../../functions/adapters/workflow/durable-steps.ts";
import { type Bucket, openBucket } from "../../functions/adapters/bucket/bucket.ts";
import type { AppContext } from "../../functions/app/context.ts";
import { runExport } from "../../functions/app/workflow/export-workflow.ts";
import { type ProxyAction, openProxy } from "./unreliable-servers.ts";

/** An attempt of a step that freezes at a request to the storage, and goes on when that step begins, or at the end. */
export type StaleAttempt = {
  step: string;
  /** Which request, counted from 1, or the first one whose method and path match. */
  freezesAt: number | RegExp;
  thawsAt?: string;
};

type Haunting = {
  ghosts: StaleAttempt[];
  /** After an attempt has frozen, and before the one that counts begins. */
  onFrozen?: (step: string) => unknown;
  /** After the export has ended, and before the attempts go on that still are frozen. */
  onEnd?: () => Promise<void>;
};

/**
 * Runs an export whose steps have frozen attempts before the ones that count. What each step gives back is all that
 * is kept of it, as in an execution's history. Gives the steps and how often an attempt did freeze.
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

/** The bucket, or the one of the attempt that asks. */
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
