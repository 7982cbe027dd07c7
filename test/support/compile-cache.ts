import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Environment variables with which a Node program keeps its compiled code in Node's default folder. A program that has
 * run before then starts in half the time.
 */
export const compileCache = { NODE_COMPILE_CACHE: join(tmpdir(), "node-compile-cache") };
