import type { Crawl } from "../../core/crawl/crawl.ts";
import { outliveLease } from "../../core/export.ts";
import { manifestKey } from "../../core/key.ts";
import { type Effort, figureSnapshot } from "../../core/metric.ts";
import { noProgress } from "../../core/progress.ts";
import { addSnapshot, findLease } from "../../core/snapshot/register.ts";
import { describeSnapshot, type Manifest } from "../../core/snapshot/snapshot.ts";
import { admit } from "./admission.ts";
import { dateNow } from "../clock.ts";
import { changeExport } from "../export/exports.ts";
import { tellFigures } from "../log/metric.ts";
import { changeRegister } from "./register.ts";
import type { World } from "../world.ts";

type Task = { id: string; crawl: Crawl; window: number };

/** Makes a crawl's snapshot known; a crawl that is lost makes none. */
export async function sealSnapshot(world: World, { id, crawl, window }: Task): Promise<void> {
  const admission = await admit(world, id, window);
  if (admission === null) return;
  const { evidence, startedAt } = admission;
  const finishedAt = dateNow(world.clock).toISOString();
  await publishSnapshot(world, describeSnapshot(id, crawl, { startedAt, finishedAt, evidence }), crawl);
}

/** By its manifest and then in the register, where its reading is still the holder's. */
export async function publishSnapshot(world: World, manifest: Manifest, effort: Effort): Promise<void> {
  const { id, pages, offers, finishedAt } = manifest;
  await world.bucket.writeJson(manifestKey(id), manifest);
  const progress = { ...noProgress, pages, offers };
  await changeExport(world, id, (state) => outliveLease(state, new Date(finishedAt), progress));
  const isNew = await changeRegister(world, (register) => {
    const isHolder = findLease(register, id) !== null;
    return { after: isHolder ? addSnapshot(register, manifest) : null, answer: isHolder };
  });
  if (isNew) await tellFigures(figureSnapshot(manifest, effort));
}
