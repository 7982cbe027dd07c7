/** What was odd: about one offer, or (those without an offer) about the whole report. */
export type Remark =
  | { code: "missing"; field: string }
  | { code: "unreadable"; field: string; text: string }
  /** A date that stands for none, such as one of zeros, or a word for it where a decision should be. */
  | { code: "placeholder"; field: string; text: string }
  | { code: "noOffset"; field: string; text: string }
  | { code: "notAnOffer"; text: string }
  | { code: "bothDecided" }
  | { code: "periodUnknown" }
  | { code: "textCut"; field: string }
  | { code: "amountTooPrecise" };

export type RemarkCode = Remark["code"];
