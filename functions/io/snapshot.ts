import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import type { Page } from "../core/page.ts";
import { readId } from "../core/offer.ts";
import { partKey } from "../core/key.ts";
import type { Manifest } from "../core/snapshot.ts";
import type { Bucket } from "./bucket.ts";

const deflate = promisify(gzip);
const inflate = promisify(gunzip);

/** Writes a window's offers under the part's own key: written twice it is the same. */
export async function writePart(bucket: Bucket, key: string, pages: Page[]): Promise<void> {
  const lines = pages.flatMap((page) => page.offers).map((offer) => `${JSON.stringify(offer)}\n`);
  const body = await deflate(lines.join(""), { level: 1 });
  await bucket.writeBytes(key, body, { contentType: "application/gzip" });
}

/** The snapshot's offers in the portal's order, each once by its id. Holds one part at a time. */
export async function* readOffers(bucket: Bucket, { id, parts, voidParts }: Manifest): AsyncGenerator {
  const seen = new Set<string>();
  for (let part = 1; part <= parts; part += 1) {
    if (voidParts.includes(part)) continue;
    const key = partKey(id, part);
    const body = await bucket.readBytes(key);
    if (body === null) throw new Error(`the snapshot's part ${key} is gone`);
    for (const line of readLines(await inflate(body))) {
      const offer: unknown = JSON.parse(line);
      const offerId = readId(offer);
      if (offerId !== null && seen.has(offerId)) continue;
      if (offerId !== null) seen.add(offerId);
      yield offer;
    }
  }
}

function readLines(text: Buffer): string[] {
  return text.toString("utf8").split("\n").slice(0, -1);
}
