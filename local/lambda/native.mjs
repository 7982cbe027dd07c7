// Replaces the native half of aws-lambda-ric, which needs cmake on Linux and does not build on macOS: the same three
// calls of the Runtime API over node:http. Loaded with --import before the client. Plain JavaScript, so the start of
// a function does not include stripping types.
import { Agent, request } from "node:http";
import { registerHooks } from "node:module";

const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`;
const agent = new Agent({ keepAlive: true });

/** The peak memory of the process so far, for the benchmark. */
function measure() {
  return { "x-peak-kb": process.resourceUsage().maxRSS };
}

/**
 * @param {string} path
 * @param {string} [body]
 */
function call(path, body) {
  const options = { agent, method: body === undefined ? "GET" : "POST", headers: measure() };
  return new Promise((resolve, reject) => {
    const read = (response) => {
      let bodyJson = "";
      response.setEncoding("utf8").on("data", (text) => (bodyJson += text));
      response.on("end", () => resolve({ bodyJson, headers: response.headers }));
    };
    request(`${api}/${path}`, options, read).on("error", reject).end(body);
  });
}

/** The client does not wait for its result to be sent before it requests the next event. */
let handedOver = Promise.resolve();

globalThis.nativeClient = {
  next: () => handedOver.then(() => call("next")),
  /** @param {string} id @param {string} body */
  done: (id, body) => void (handedOver = call(`${id}/response`, body)),
  /** @param {string} id @param {string} body */
  error: (id, body) => void (handedOver = call(`${id}/error`, body)),
};

const url = "native:client";

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "./rapid-client.node"
      ? { url, format: "commonjs", shortCircuit: true }
      : next(specifier, context),
  load: (resolved, context, next) =>
    resolved === url
      ? { source: "module.exports = nativeClient", format: "commonjs", shortCircuit: true }
      : next(resolved, context),
});
