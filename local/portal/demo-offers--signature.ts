import { crc32, deflateSync } from "node:zlib";
import type { Random } from "./demo-random.ts";

const widthPixels = 64;
const heightPixels = 24;
const rowBytes = 1 + widthPixels / 8;

function makeChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const chunk = Buffer.alloc(8 + body.length);
  chunk.writeUInt32BE(data.length, 0);
  body.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(body), 4 + body.length);
  return chunk;
}

function makeHeader(): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(widthPixels, 0);
  header.writeUInt32BE(heightPixels, 4);
  // One bit a pixel, greyscale.
  header.writeUInt8(1, 8);
  return header;
}

/** Each row is a filter byte and its pixels; a pen wanders over white from left to right. */
function drawScribble(random: Random): Buffer {
  const rows = Buffer.alloc(heightPixels * rowBytes, 0xff);
  for (let y = 0; y < heightPixels; y += 1) rows[y * rowBytes] = 0;
  let y = heightPixels / 2;
  for (let x = 4; x < widthPixels - 4; x += 1) {
    y = Math.min(heightPixels - 3, Math.max(2, y + random.int(-3, 3)));
    for (const thick of [0, 1]) {
      const at = (y + thick) * rowBytes + 1 + (x >> 3);
      rows[at] = (rows[at] ?? 0) & ~(0x80 >> (x & 7));
    }
  }
  return rows;
}

/** A small PNG in a data URI. */
export function drawSignature(random: Random): string {
  const png = Buffer.concat([
    Buffer.from("89504e470d0a1a0a", "hex"),
    makeChunk("IHDR", makeHeader()),
    makeChunk("IDAT", deflateSync(drawScribble(random))),
    makeChunk("IEND", Buffer.alloc(0)),
  ]);
  return `data:image/png;base64,${png.toString("base64")}`;
}
