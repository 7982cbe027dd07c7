import { defineConfig } from "vitest/config";

/** The tests that judge mutants: those of the rules, which need no server. */
export default defineConfig({
  test: {
    include: ["test/core/{crawl,refresh,rate-limit,delivery,snapshot}/*.test.ts"],
    setupFiles: "test/mutation/fixed-seed.ts",
    env: { PROPERTY_SHARE: "0.1" },
  },
});
