import * as z from "zod";
import { exportKey } from "../../functions/core/basics/bucket-keys.ts";
import type { HttpAnswer } from "../../functions/api/http-messages.ts";
import type { UserRequest } from "./http-event.ts";
import type { UserPlan } from "./history-plan.ts";
import type { World } from "./world.ts";

const maxTries = 6;
const retryMs = 5_000;
const maxPolls = 12;
const pollMs = { first: 20_000, factor: 1.8, max: 3_600_000 };

type Caller = Pick<World, "clock" | "request">;
const Shown = z.object({ id: z.string(), status: z.string() });
type Shown = z.infer<typeof Shown>;
const MadeShare = z.object({ id: z.string(), url: z.string() });

/** Lets a user do everything that is planned. Resolves when the user is done. */
export async function runUser(world: World, plan: UserPlan): Promise<void> {
  const { clock } = world;
  await clock.sleep(plan.atMs - clock.now());
  const request = describeRequest(plan);
  const double = plan.doubleMs === null ? null : doubleClick(world, plan, request, plan.doubleMs);
  const started = readShown(await ask(world, plan.id, request));
  await double;
  if (started === null) return;
  const { id } = started;
  await Promise.all([
    followExport(world, plan, id),
    plan.deleteMs !== null && deleteExport(world, plan, id, plan.deleteMs),
    plan.share !== null && shareReport(world, plan, plan.share),
    plan.mail !== null && addRecipient(world, plan, request, plan.mail),
  ]);
}

function describeRequest({ route, options, idempotencyKey, waitSeconds }: UserPlan): UserRequest {
  const headers = {
    ...(waitSeconds !== null && { prefer: `wait=${waitSeconds}` }),
    ...(idempotencyKey !== null && { "idempotency-key": idempotencyKey }),
  };
  if (route === "POST /exports") return { method: "POST", path: "/exports", headers, body: options };
  const query = new URLSearchParams(
    Object.entries(options).map(([name, value]): [string, string] => [
      name,
      Array.isArray(value) ? value.join(",") : String(value),
    ]),
  );
  return { method: "GET", path: "/export", headers, query: query.toString() };
}

/** Repeats a request until it has an answer that says what became of it. */
async function ask({ clock, request }: Caller, who: string, asked: UserRequest): Promise<HttpAnswer | null> {
  for (let tries = 1; tries <= maxTries; tries += 1) {
    const answer = await request(who, asked);
    if (answer !== null && answer.statusCode < 500) return answer;
    // A failed export is answered with 502 too. Nobody asks for it again and again.
    if (answer !== null && !/"code":"(storage_failed|workflow_failed|internal_error)"/.test(answer.body))
      return answer;
    await clock.sleep(retryMs * tries);
  }
  return null;
}

async function doubleClick(world: World, { id }: UserPlan, request: UserRequest, ms: number): Promise<void> {
  await world.clock.sleep(ms);
  await ask(world, id, request);
}

function readShown(answer: HttpAnswer | null): Shown | null {
  if (answer === null || ![200, 202].includes(answer.statusCode)) return null;
  return Shown.parse(JSON.parse(answer.body));
}

/** Asks how far the export is until it has ended. Then downloads the file, and perhaps once more later. */
async function followExport(world: World, { id: who, downloadMs }: UserPlan, id: string): Promise<void> {
  const { clock } = world;
  let ms = pollMs.first;
  for (let polls = 1; polls <= maxPolls; polls += 1) {
    await clock.sleep(ms);
    ms = Math.min(ms * pollMs.factor, pollMs.max);
    const shown = readShown(await ask(world, who, { method: "GET", path: `/exports/${id}` }));
    if (shown === null) continue;
    if (shown.status === "succeeded" || shown.status === "failed") break;
  }
  if (downloadMs === null) return;
  await clock.sleep(downloadMs);
  await ask(world, who, { method: "GET", path: `/exports/${id}/file` });
  await ask(world, who, { method: "GET", path: "/exports" });
}

async function deleteExport(
  world: World,
  { id: who, deleteAtState }: UserPlan,
  id: string,
  ms: number,
): Promise<void> {
  await (deleteAtState === null ? world.clock.sleep(ms) : waitForState(world, id, deleteAtState));
  await ask(world, who, { method: "DELETE", path: `/exports/${id}` });
}

/** Resolves when the export's state has been stored so many times. */
async function waitForState({ s3, objects }: World, id: string, times: number): Promise<void> {
  const key = exportKey(id);
  const isStored = () => (objects.get(key)?.length ?? 0) >= times;
  if (isStored()) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  s3.watch((request) => {
    if (request.kind === "put" && request.key === key && isStored()) resolve();
  });
  await promise;
}

async function shareReport(
  world: World,
  { id: who, options }: UserPlan,
  { afterMs, visitsMs, revokeMs }: NonNullable<UserPlan["share"]>,
): Promise<void> {
  const { clock } = world;
  await clock.sleep(afterMs);
  const { maxAge: _, ...shared } = options;
  const body = { name: who, options: shared, expiresInDays: 20 };
  const made = await ask(world, who, { method: "POST", path: "/shares", body });
  if (made?.statusCode !== 201) return;
  const { id, url } = MadeShare.parse(JSON.parse(made.body));
  const visit = async (ms: number) => {
    await clock.sleep(ms);
    await world.request("visitor", { method: "GET", path: new URL(url).pathname });
  };
  const revoke = async (ms: number) => {
    await clock.sleep(ms);
    await ask(world, who, { method: "DELETE", path: `/shares/${id}` });
    await world.request("visitor", { method: "GET", path: new URL(url).pathname });
  };
  await Promise.all([...visitsMs.map(visit), revokeMs !== null && revoke(revokeMs)]);
}

/** Asks for the same report again, and names a recipient. */
async function addRecipient(
  world: World,
  { id: who, options }: UserPlan,
  _request: UserRequest,
  { afterMs, to }: NonNullable<UserPlan["mail"]>,
): Promise<void> {
  await world.clock.sleep(afterMs);
  const body = { ...options, maxAge: 86_400, mailTo: [to] };
  await ask(world, who, { method: "POST", path: "/exports", body });
}
