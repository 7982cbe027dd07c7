import { expect, it } from "vitest";
import { applyDelta } from "../../../functions/core/refresh/delta.ts";

async function* listBase() {
  yield* ["a", "b", "c", "d", "e", "f"];
}

const shown = [
  ["B", "F"],
  ["N", "M"],
];
const delta = {
  insertions: [
    { id: "n", observation: 1, at: 0 },
    { id: "m", observation: 1, at: 1 },
  ],
  read: [
    { id: "b", observation: 0, at: 0, place: 1 },
    { id: "f", observation: 0, at: 1, place: 5 },
  ],
  gone: [
    { from: 0, to: 1 },
    { from: 2, to: 4 },
  ],
};

it.each([
  ["near", ["N", "M", "B", "e", "F"]],
  ["far", ["B", "e", "F", "N", "M"]],
] as const)(
  "lists the offers that were read, without deleted ones, and with new ones at the %s end",
  async (grows, expected) => {
    const show = ({ observation, at }: { observation: number; at: number }) => shown[observation]?.[at];
    const listed = [];
    for await (const offer of applyDelta({ offers: listBase(), delta, grows, show })) listed.push(offer);
    expect(listed).toEqual(expected);
  },
);
