import { createHash } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { crc32 } from "node:zlib";
import { readChunks } from "./s3-body--chunk.ts";
import { refuse } from "./s3rver--error.ts";

/** The bytes to store; reading them fails when they are not what their checksums say. */
export function openBody(request: IncomingMessage): Readable {
  const { "x-amz-content-sha256": digest = "", "content-encoding": coding } = request.headers;
  if (digest === "STREAMING-UNSIGNED-PAYLOAD-TRAILER") {
    request.headers["content-encoding"] = coding?.replace(/aws-chunked,?\s*/, "") || undefined;
    const trailers: IncomingHttpHeaders = {};
    return Readable.from(checkBody(readChunks(request, trailers), trailers), { objectMode: false });
  }
  if (digest.toString().startsWith("STREAMING-"))
    throw refuse("NotImplemented", "Signed chunks are not read");
  return Readable.from(checkBody(request, request.headers), { objectMode: false });
}

async function* checkBody(pieces: AsyncIterable<Buffer>, sums: IncomingHttpHeaders) {
  const sha256 = createHash("sha256");
  let crc = 0;
  for await (const piece of pieces) {
    sha256.update(piece);
    crc = crc32(piece, crc);
    yield piece;
  }
  // read at the end only: trailers come after the body
  const { "x-amz-content-sha256": digest = "UNSIGNED-PAYLOAD", "x-amz-checksum-crc32": sum } = sums;
  if (digest !== "UNSIGNED-PAYLOAD" && digest !== sha256.digest("hex")) {
    const mismatch = refuse("XAmzContentSHA256Mismatch", "The body is not the one that was signed.");
    throw Object.assign(mismatch, { status: 400 }); // unknown to s3rver
  }
  if (sum !== undefined && sum !== formatCrc(crc)) throw refuse("BadDigest", "The CRC32 does not match.");
}

function formatCrc(crc: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc);
  return bytes.toString("base64");
}
