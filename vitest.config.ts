import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    projects: [
      { extends: true, test: { name: "quick", exclude: ["test/slow/**"] } },
      { extends: true, test: { name: "slow", include: ["test/slow/**/*.test.ts"], testTimeout: 120_000 } },
    ],
  },
});
