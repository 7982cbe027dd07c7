/** What was odd: about one offer, or (those without an offer) about the whole report. */
export type Remark =
  | { code: "missing"; field: string }
  | { code: "unreadable"; field: string; text: string }
  | { code: "notAnOffer"; text: string }
  | { code: "bothDecided" }
  | { code: "periodUnknown" }
  | { code: "textCut"; field: string }
  | { code: "amountTooPrecise" };

export type RemarkCode = Remark["code"];
