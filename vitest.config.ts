import { defineConfig } from "vitest/config";
import { LongFirst } from "./test/support/test-order.ts";

export default defineConfig({
  test: {
    // Most tests wait for servers, not for the processor.
    maxWorkers: "100%",
    globalSetup: "test/support/search-output.ts",
    sequence: { sequencer: LongFirst },
    projects: [
      {
        test: {
          name: "quick",
          setupFiles: "test/support/keep-output.ts",
          include: ["test/**/*.test.ts"],
          exclude: ["test/slow/**", "test/browser/**", "test/simulation/**"],
          // One process runs many files, so it loads the SDKs once. Tests must undo what they change in a module or in a
          // global.
          isolate: false,
          // Real servers on a machine that has other things to do.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: "simulation",
          setupFiles: "test/support/keep-output.ts",
          include: ["test/simulation/**/*.test.ts"],
          testTimeout: 120_000,
        },
      },
      {
        test: {
          name: "slow",
          setupFiles: "test/support/keep-output.ts",
          include: ["test/slow/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: "browser",
          setupFiles: "test/support/keep-output.ts",
          include: ["test/browser/**/*.test.ts"],
          globalSetup: "test/support/chromium.ts",
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
