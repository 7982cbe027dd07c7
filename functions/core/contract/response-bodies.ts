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
    code: z.string().describe("What happened, for programs."),
    requestId: z.string().describe("By which the log knows the request."),
    errors: z
      .array(z.object({ parameter: z.string(), detail: z.string() }))
      .optional()
      .describe("Every bad parameter."),
  })
  .describe("Why there is no other answer (RFC 9457).");
export type ProblemBody = z.infer<typeof ProblemBody>;

const LinkedFile = ShownResult.shape.file.extend({
  url: z
    .url()
    .describe("Signed for this answer, for GET alone; to be opened without an Authorization header."),
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
    .describe("There, and true, once somebody has deleted the export: it has no file any more."),
  result: ShownResult.extend({ file: LinkedFile }).nullable(),
  deliveries: z
    .array(ShownDelivery)
    .optional()
    .describe("Where it is sent, and what became of that: in the answer of `GET /exports/{id}` alone."),
}).describe(
  "An export in whatever state it is. `result` is that of a succeeded one, `problem` that of a failed one.",
);
export type PresentedExport = z.infer<typeof PresentedExport>;

export const ExportList = z.object({ exports: z.array(PresentedExport) }).describe("Without their figures.");
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
}).describe("A permanent link to options, as they were given.");
export type PresentedShare = z.infer<typeof PresentedShare>;

export const ShareList = z.object({ shares: z.array(PresentedShare) });
export type ShareList = z.infer<typeof ShareList>;

export const MadeShare = PresentedShare.extend({
  url: z.url().describe("The permanent link, which no other answer tells."),
});
export type MadeShare = z.infer<typeof MadeShare>;
