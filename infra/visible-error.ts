import { ConfigError } from "../functions/core/settings/setting-rules.ts";

/** An error whose message SST prints without a stack. SST recognises it by its name. */
class VisibleError extends Error {
  static {
    VisibleError.prototype.name = "VisibleError";
  }
}

/** Runs `work`. When a setting is missing or malformed, throws an error whose message SST prints in one line. */
export async function showConfigErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof ConfigError ? new VisibleError(error.message) : error;
  }
}
