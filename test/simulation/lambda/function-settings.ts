// The limits that infra/ gives to the functions. infra/ runs only inside SST, so a test compares them with its text.

const minuteMs = 60_000;

export const functionLimits = {
  http: { timeoutMs: 30_000, retries: 0 },
  tick: { timeoutMs: 2 * minuteMs, retries: 2 },
  watch: { timeoutMs: 2 * minuteMs, retries: 0 },
  /** The number of retries is Lambda's default. */
  bounce: { timeoutMs: 30_000, retries: 2 },
} as const;

export const executionLimits = { invocationMs: 15 * minuteMs, executionMs: 30 * 60 * minuteMs } as const;

/** The settings that every simulated function has in its environment. */
export const simulatedSettings = {
  PORTAL_API_URL: "https://portal.test",
  PORTAL_API_KEY: "key-of-the-portal",
  REPORT_BUCKET: "reports",
  S3_ENDPOINT: "http://s3.test",
  AWS_ACCESS_KEY_ID: "AKIDOFTHETESTS",
  AWS_SECRET_ACCESS_KEY: "secret-key-of-the-tests",
};
