import { ExportError } from "../../core/error.ts";

/** A list of the portal: where it is asked for, and the scope that the key must have for it. */
export type Resource = { name: string; path: string; scope: string };

export const offerResource: Resource = { name: "offers", path: "/customer-offers", scope: "offers.read" };
export const customerResource: Resource = { name: "customers", path: "/customers", scope: "customers.read" };

export const keyRefused = "portal_key_refused";
export const scopeMissing = "portal_scope_missing";

export function refuse(resource: Resource, status: number): ExportError {
  const { name, scope } = resource;
  if (status === 401) {
    const remedy =
      `Make a new one in the portal under Settings → API keys, with the scope ${scope}, and set it as ` +
      "PORTAL_API_KEY (in the cloud: the secret PortalApiKey).";
    return explain(keyRefused, "The portal does not accept the API key (401).", remedy);
  }
  if (status === 403) {
    const remedy =
      "Give it that scope in the portal under Settings → API keys, or make a new key that has it.";
    return explain(scopeMissing, `The key lacks the scope ${scope} (403).`, remedy);
  }
  if (status === 404)
    return explain("portal_not_found", `The portal knows no ${name} at this address (404).`, checkAddress);
  return notTheApi(resource, status);
}

export function notTheApi({ path }: Resource, status: number): ExportError {
  const detail = `The answer to GET ${path} (status ${status}) is not one of the portal's API.`;
  return explain("portal_not_api", detail, checkAddress);
}

const checkAddress = "Check that PORTAL_API_URL is the API's own address, ending in /v1.";

function explain(code: string, detail: string, remedy: string): ExportError {
  return new ExportError("portal", code, detail, { remedy });
}
