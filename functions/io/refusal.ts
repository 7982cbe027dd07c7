import { ExportError } from "../core/error.ts";

export function refuse(status: number): ExportError {
  if (status === 401) return new ExportError("portal", "portal_key_refused", keyRefused);
  if (status === 403) return new ExportError("portal", "portal_scope_missing", scopeMissing);
  if (status === 404) return new ExportError("portal", "portal_not_found", notFound);
  return notTheApi(status);
}

export function notTheApi(status: number): ExportError {
  const detail =
    `The answer to GET /customer-offers (status ${status}) is not one of the portal's API. ` +
    "Check that PORTAL_API_URL is the API's own address, ending in /v1.";
  return new ExportError("portal", "portal_not_api", detail);
}

const keyRefused =
  "The portal does not accept the API key (401). Make a new one in the portal under Settings → API keys, " +
  "with the scope offers.read, and set it as PORTAL_API_KEY (in the cloud: the secret PortalApiKey).";

const scopeMissing =
  "The key lacks the scope offers.read (403). Give it that scope in the portal under Settings → API keys, " +
  "or make a new key that has it.";

const notFound =
  "The portal knows no offers at this address (404). Check that PORTAL_API_URL is the API's own address, ending in /v1.";
