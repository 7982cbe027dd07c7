import { syncBuiltinESMExports } from "node:module";
import { Transform, type TransformCallback } from "node:stream";
import zlib from "node:zlib";

// Node compresses in threads, and nobody knows in which order threads finish. So a simulation compresses on the thread
// of the code. Import this module before any module that imports `node:zlib`.

type Callback = (error: unknown, bytes?: Buffer) => void;

/** Makes a function that takes its callback last, like `zlib.gzip`. */
function makeAsynchronous<O>(run: (bytes: zlib.InputType, options?: O) => Buffer) {
  return (bytes: zlib.InputType, options: O, callback: Callback): void => {
    try {
      const result = run(bytes, options);
      queueMicrotask(() => callback(null, result));
    } catch (error) {
      queueMicrotask(() => callback(error));
    }
  };
}

/** Takes the place of `zlib.DeflateRaw`, from which the streams of a zip inherit. */
class SynchronousDeflateRaw extends Transform {
  readonly #chunks: Buffer[] = [];
  readonly #options: zlib.ZlibOptions;

  constructor(options: zlib.ZlibOptions = {}) {
    super();
    this.#options = options;
  }

  override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    this.#chunks.push(chunk);
    done();
  }

  override _flush(done: TransformCallback): void {
    done(null, zlib.deflateRawSync(Buffer.concat(this.#chunks), this.#options));
  }
}

const gunzip = makeAsynchronous((bytes) => zlib.gunzipSync(bytes));
Object.assign(zlib, {
  gzip: makeAsynchronous<zlib.ZlibOptions>((bytes, options) => zlib.gzipSync(bytes, options)),
  gunzip: (bytes: zlib.InputType, callback: Callback) => gunzip(bytes, undefined, callback),
  DeflateRaw: SynchronousDeflateRaw,
});
syncBuiltinESMExports();
