import type { Crawl } from "../core/crawl.ts";
import { outliveLease } from "../core/export.ts";
import { manifestKey } from "../core/key.ts";
import { figureCrawl } from "../core/metric.ts";
import { noProgress } from "../core/progress.ts";
import { addSnapshot, findLease } from "../core/register.ts";
import { describeSnapshot } from "../core/snapshot.ts";
import { admit } from "./admission.ts";
import { dateNow } from "./clock.ts";
import { changeExport } from "./exports.ts";
import { tellFigures } from "./metric.ts";
import { changeRegister } from "./register.ts";
import type { World } from "./world.ts";

type Task = { id: string; crawl: Crawl; window: number };

/** Makes the snapshot known, by its manifest and then in the register; a crawl that is lost makes none. */
export async function sealSnapshot(world: World, { id, crawl, window }: Task): Promise<void> {
  const admission = await admit(world, id, window);
  if (admission === null) return;
  const { evidence, startedAt } = admission;
  const now = dateNow(world.clock);
  const manifest = describeSnapshot(id, crawl, { startedAt, finishedAt: now.toISOString(), evidence });
  await world.bucket.writeJson(manifestKey(id), manifest);
  const progress = { ...noProgress, pages: manifest.pages, offers: manifest.offers };
  await changeExport(world, id, (state) => outliveLease(state, now, progress));
  const isNew = await changeRegister(world, (register) => {
    const isHolder = findLease(register, id) !== null;
    return { after: isHolder ? addSnapshot(register, manifest) : null, answer: isHolder };
  });
  if (isNew) await tellFigures(figureCrawl(crawl, manifest));
}
