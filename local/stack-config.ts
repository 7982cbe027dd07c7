import { type ApiConfig, findSettingIn, readApiConfig } from "../functions/adapters/settings/settings.ts";
import { readWebhooks } from "../functions/adapters/webhook/webhook-receivers.ts";
import { readSchedules } from "../functions/core/schedule/schedules.ts";
import { type LocalSettings, makeSecret } from "./stack-settings.ts";

type Env = NodeJS.ProcessEnv;

/** The name of the bucket unless the setting REPORT_BUCKET gives another. */
export const bucketName = "offer-export";

/** The settings of the functions. `services` holds those that the services of the stack decide. */
export function readStackConfig(settings: LocalSettings, env: Env, services: Env): ApiConfig {
  return readApiConfig({
    ...env,
    ACCESS_TOKEN: settings.accessToken ?? makeSecret(),
    REPORT_BUCKET: env["REPORT_BUCKET"] || bucketName,
    ...services,
  });
}

/** Reads the webhooks. Allows receivers on loopback, so that developers can try webhooks on one machine. */
export function readLocalWebhooks(env: Env) {
  return readWebhooks(findSettingIn(env), { allowLoopback: true });
}

/**
 * Checks every setting before anything is started or removed. Throws an error of one line with all faults. Services that
 * the stack starts later take part with settings that are valid, whatever these will be.
 */
export function checkSettings(settings: LocalSettings, env: Env): void {
  const address = "http://127.0.0.1";
  const services = {
    ...(settings.portalUrl === null && { PORTAL_API_URL: address, PORTAL_API_KEY: "key" }),
    ...(settings.s3Endpoint === null && {
      S3_ENDPOINT: address,
      REPORT_BUCKET: bucketName,
      AWS_ACCESS_KEY_ID: "id",
      AWS_SECRET_ACCESS_KEY: "key",
    }),
    ...(settings.sendsMails && { SES_ENDPOINT: address }),
  };
  const reads = [
    () => readStackConfig(settings, env, services),
    () => readSchedules(env),
    () => readLocalWebhooks(env),
  ];
  const faults = reads.flatMap((read) => findFault(read));
  if (faults.length > 0) throw new Error([...new Set(faults)].join("; "));
}

function findFault(read: () => unknown): string[] {
  try {
    read();
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}
