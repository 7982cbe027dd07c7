import { lookup as askSystem, type LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";
import { isLoopbackAddress, isPublicAddress, readIpAddress } from "../../core/delivery/public-address--outside.ts";
import type { AddressPolicy } from "../../core/delivery/public-address.ts";

/** Nothing was sent: the receiver is, or may be, within the network that this runs in. */
export class PrivateAddressError extends Error {
  override name = "InsideError";
}

/** With an error there are no addresses, which Node's types do not say. */
type Found = (error: NodeJS.ErrnoException | null, addresses?: LookupAddress[]) => void;

/** Finds all addresses of a name, as the system does. */
export type ResolveHost = (host: string, options: { all: true }, found: Found) => void;

/**
 * For the `lookup` of a connection, which goes to the very addresses that were looked at: a name that stands for others
 * the next time that it is asked for leads nowhere else. One address within is enough to refuse the name.
 */
export function createGuardedLookup(allowance: AddressPolicy, resolve: ResolveHost = askSystem): LookupFunction {
  return (host, { all }, tell) =>
    resolve(host, { all: true }, (error, addresses = []) => {
      const isInside = addresses.some(({ address }) => !isAllowedAddress(address, allowance));
      const [first] = addresses;
      if (error !== null || isInside) tell(error ?? new PrivateAddressError(), []);
      else if (all === true || first === undefined) tell(null, addresses);
      else tell(null, first.address, first.family);
    });
}

/** No connection looks an IP address up, so one that an URL has for a host is looked at beforehand. Throws an InsideError. */
export function requirePublicAddress(url: URL, allowance: AddressPolicy): void {
  const address = readIpAddress(url.hostname);
  if (address !== null && !isAllowedAddress(address, allowance)) throw new PrivateAddressError();
}

function isAllowedAddress(address: string, { allowLoopback = false }: AddressPolicy): boolean {
  return isPublicAddress(address) || (allowLoopback && isLoopbackAddress(address));
}
