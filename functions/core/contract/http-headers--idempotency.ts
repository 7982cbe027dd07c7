import { ExportError } from "../basics/errors.ts";

/** The header's text, or null without one. Throws for what cannot be a key. */
export function readIdempotencyKey(header: string | undefined): string | null {
  if (header === undefined) return null;
  if (/^[\x21-\x7e][\x20-\x7e]{0,254}$/.test(header)) return header;
  const detail = "must be 1 to 255 printable ASCII characters";
  throw new ExportError("invalid", "invalid_parameters", "Correct the header Idempotency-Key.", {
    errors: [{ parameter: "Idempotency-Key", detail }],
  });
}
