/** Numbers that a float would change, by their digits or by a zero at the end of their decimals. */
const delicateNumber = /[[:,]\s*-?(?:\d[\d.eE+-]{15,}|\d+\.\d*0)\s*[,}\]]/;

/** Gives such a number as its text, where the API has text anyway. */
export function parsePortalJson(body: string): unknown {
  if (!delicateNumber.test(body)) return JSON.parse(body);
  return JSON.parse(body, (_name, value: unknown, context?: { source?: string }) => {
    const source = context?.source;
    return typeof value === "number" && source !== undefined && String(value) !== source ? source : value;
  });
}
