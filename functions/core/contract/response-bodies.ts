import * as z from "zod";
import { isoMoment } from "../basics/stored-values.ts";
import { Delivery, ShownStatus } from "../delivery/delivery-state.ts";
import { ShownResult, ShownState } from "../export/shown-export.ts";
import { Share } from "../share/share.ts";

/**
 * This file has the zod schemas of answers. The OpenAPI document and the TypeScript types of answers are made from
 * them. Only tests validate answers against the schemas, so the API itself imports only the types.
 */

/**
 * The body of an error answer (RFC 9457). The type `about:blank` means that the title is the phrase of the HTTP
 * status.
 */
export const ProblemBody = z
  .object({
    type: z.literal("about:blank"),
    title: z.string().describe("The phrase of the status."),
    status: z.int().min(400).max(599),
    detail: z.string().describe("What happened and what to do, in plain words."),
    code: z.string().describe("What happened, for programs. It stays the same in all versions."),
    requestId: z.string().describe("The id of the request in the log."),
    errors: z
      .array(z.object({ parameter: z.string(), detail: z.string() }))
      .optional()
      .describe("Each wrong parameter."),
  })
  .describe("An error answer (RFC 9457).");
export type ProblemBody = z.infer<typeof ProblemBody>;

const LinkedFile = ShownResult.shape.file.extend({
  url: z
    .url()
    .describe(
      "A link that is signed for this answer, for GET only. Open it without an Authorization header.",
    ),
  urlExpiresAt: isoMoment,
});

export const ShownDelivery = Delivery.pick({
  kind: true,
  to: true,
  status: true,
  sentAt: true,
  reason: true,
}).extend({ status: ShownStatus });
export type ShownDelivery = z.infer<typeof ShownDelivery>;

/** An export as an answer shows it. Each answer signs a new link to the report's file. */
export const PresentedExport = ShownState.extend({
  isDeleted: z
    .literal(true)
    .optional()
    .describe("True when somebody has deleted the export, which then has no file. Otherwise it is missing."),
  result: ShownResult.extend({ file: LinkedFile }).nullable(),
  deliveries: z
    .array(ShownDelivery)
    .optional()
    .describe("Each mail and webhook of the export with its state. Only `GET /exports/{id}` has them."),
}).describe(
  "An export in any state. Only a succeeded one has a `result`, and only a failed one a `problem`.",
);
export type PresentedExport = z.infer<typeof PresentedExport>;

export const ExportList = z
  .object({ exports: z.array(PresentedExport) })
  .describe("Exports without their figures.");
export type ExportList = z.infer<typeof ExportList>;

export const RouteIndex = z.object({ routes: z.array(z.string()) });

/**
 * A permanent link as a list shows it. The link's token is left out, so a caller that may list links cannot open
 * them.
 */
export const PresentedShare = Share.pick({
  id: true,
  name: true,
  options: true,
  createdAt: true,
  expiresAt: true,
}).describe("A permanent link, with its options as they were given.");
export type PresentedShare = z.infer<typeof PresentedShare>;

export const ShareList = z.object({ shares: z.array(PresentedShare) });
export type ShareList = z.infer<typeof ShareList>;

export const MadeShare = PresentedShare.extend({
  url: z.url().describe("The permanent link. No other answer has it."),
});
export type MadeShare = z.infer<typeof MadeShare>;
