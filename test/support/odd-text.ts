import fc from "fast-check";

const odd = [
  "",
  " ",
  " voor en na ",
  "=cmd|' /C calc'!A0",
  "+31 20 123 45 67",
  "-1",
  "@SUM(A1)",
  "\t=1",
  "\r\n",
  "regel 1\r\nregel 2\rregel 3\n",
  "＝1+1",
  'een "aanhaling"; en, een komma',
  '"',
  "&amp; <b>&#10;]]>",
  "_x0041_ _x000D",
  "_x005F_x000d_\r",
  "\u0000\u0001\u001f\u007f\u0085",
  "\ufeff\ufffe\uffff\u2028",
  "\ud800",
  "\udc00\ud800",
  "👩‍👩‍👧 שלום \u202e",
  "NULL",
  "00123",
];

/** Random texts that users of a portal might enter, and invalid or hostile texts. */
export const oddText = fc.oneof(
  fc.constantFrom(...odd),
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.constantFrom(..."=+-@;,\"'\r\n\t _x0D<&".split(""), "\ud83d", "\ude00", "\u0000") }),
  fc.array(fc.constantFrom(...odd), { maxLength: 4 }).map((parts) => parts.join("")),
);
