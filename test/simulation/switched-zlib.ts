import { syncBuiltinESMExports } from "node:module";
import { Transform, type TransformCallback } from "node:stream";
import zlib from "node:zlib";

// Node compresses in threads, and nobody knows in which order threads finish. So a simulation compresses on the thread
// of the code. This module replaces the functions of `node:zlib`, which work as before until `compressSynchronously` is
// called. Import this module before any module that imports `node:zlib`.

type Callback = (error: unknown, bytes?: Buffer) => void;
/** The arguments of `zlib.gzip`, whose options may be left out. */
type Given = [bytes: zlib.InputType, ...rest: [Callback] | [zlib.ZlibOptions, Callback]];

let isSynchronous = false;

/** Lets Node compress on the thread of the code, or in threads again. */
export function compressSynchronously(isWanted: boolean): void {
  isSynchronous = isWanted;
}

function replace(
  compress: (...given: never[]) => void,
  compressSync: (bytes: zlib.InputType, options?: zlib.ZlibOptions) => Buffer,
) {
  return (...given: Given): void => {
    if (!isSynchronous) return void Reflect.apply(compress, zlib, given);
    const [bytes, ...rest] = given;
    const [options, callback] = rest.length === 1 ? [undefined, rest[0]] : rest;
    try {
      const result = compressSync(bytes, options);
      queueMicrotask(() => callback(null, result));
    } catch (error) {
      queueMicrotask(() => callback(error));
    }
  };
}

const RealDeflateRaw: new (options?: zlib.ZlibOptions) => Transform = zlib.DeflateRaw;

/** Takes the place of `zlib.DeflateRaw`, from which the streams of a zip inherit. */
class DeflateRaw extends RealDeflateRaw {
  readonly #chunks: Buffer[] = [];
  readonly #options: zlib.ZlibOptions;
  readonly #isSynchronous = isSynchronous;

  constructor(options: zlib.ZlibOptions = {}) {
    super(options);
    this.#options = options;
  }

  override _transform(chunk: Buffer, encoding: BufferEncoding, done: TransformCallback): void {
    // oxlint-disable-next-line no-underscore-dangle -- Node names the methods of its streams
    if (!this.#isSynchronous) return super._transform(chunk, encoding, done);
    this.#chunks.push(chunk);
    done();
  }

  override _flush(done: TransformCallback): void {
    // oxlint-disable-next-line no-underscore-dangle -- Node names the methods of its streams
    if (!this.#isSynchronous) return super._flush(done);
    done(null, zlib.deflateRawSync(Buffer.concat(this.#chunks), this.#options));
  }
}

Object.assign(zlib, {
  gzip: replace(zlib.gzip, zlib.gzipSync),
  gunzip: replace(zlib.gunzip, zlib.gunzipSync),
  DeflateRaw,
});
syncBuiltinESMExports();
