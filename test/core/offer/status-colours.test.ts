import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { statuses } from "../../../functions/core/offer/offer-status.ts";
import {
  stackedStatuses,
  type StatusColours,
  statusColours,
} from "../../../functions/core/offer/status-colours.ts";

type Triple = [number, number, number];

function multiply(rows: Triple[], [x, y, z]: Triple): Triple {
  const [first = 0, second = 0, third = 0] = rows.map(([a, b, c]) => a * x + b * y + c * z);
  return [first, second, third];
}

/** Reads a colour such as `#2268d3` as linear sRGB, which is proportional to the amount of light. */
function readLinear(colour: string): Triple {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return [red, green, blue];
}

/** Most programs print greyscale by this weighted mean (ITU-R BT.601), which is no measure of light. */
function readLuma(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  return 0.299 * red + 0.587 * green + 0.114 * blue;
}

/** The smallest difference of two greys, of 255. */
const minLuma = 12;

/** From linear sRGB to CIE XYZ relative to the white point D65 (IEC 61966-2-1). */
const toXyz: Triple[] = [
  [0.4124 / 0.9505, 0.3576 / 0.9505, 0.1805 / 0.9505],
  [0.2126, 0.7152, 0.0722],
  [0.0193 / 1.089, 0.1192 / 1.089, 0.9505 / 1.089],
];

/** Converts to CIE Lab. Its first number is the lightness, which is what greyscale print keeps. */
function toLab(linear: Triple): Triple {
  const curve = (part: number) => (part > 216 / 24_389 ? Math.cbrt(part) : ((24_389 / 27) * part + 16) / 116);
  const [x, y, z] = multiply(toXyz, linear);
  return [116 * curve(y) - 16, 500 * (curve(x) - curve(y)), 200 * (curve(y) - curve(z))];
}

/**
 * What readers see who lack one kind of cone: the matrices of severity 1.0 of Machado, Oliveira and Fernandes, "A
 * Physiologically-based Model for Simulation of Color Vision Deficiency", IEEE TVCG 15(6), 2009.
 */
const deficiencies: Record<string, Triple[]> = {
  protanopia: [
    [0.152_286, 1.052_583, -0.204_868],
    [0.114_503, 0.786_281, 0.099_216],
    [-0.003_882, -0.048_116, 1.051_998],
  ],
  deuteranopia: [
    [0.367_322, 0.860_646, -0.227_968],
    [0.280_085, 0.672_501, 0.047_413],
    [-0.011_82, 0.042_94, 0.968_881],
  ],
  tritanopia: [
    [1.255_528, -0.076_749, -0.178_779],
    [-0.078_411, 0.930_809, 0.147_602],
    [0.004_733, 0.691_367, 0.3039],
  ],
};

function simulate(matrix: Triple[], linear: Triple): Triple {
  const clamp = (part: number) => Math.min(1, Math.max(0, part));
  const [red, green, blue] = multiply(matrix, linear);
  return [clamp(red), clamp(green), clamp(blue)];
}

/** Returns the smallest distance between the colours of two statuses. */
function findSmallest(shade: keyof StatusColours, measure: (a: string, b: string) => number): number {
  const colours = statuses.map((status) => statusColours[status][shade]);
  return Math.min(
    ...colours.flatMap((colour, index) => colours.slice(index + 1).map((other) => measure(colour, other))),
  );
}

/** The distance of two colours in Lab (CIE 1976). A distance of about 2 is just noticeable side by side. */
function measureDistance(a: Triple, b: Triple): number {
  const [first, second] = [toLab(a), toLab(b)];
  return Math.hypot(first[0] - second[0], first[1] - second[1], first[2] - second[2]);
}

/** The contrast of two colours (WCAG 2.2, 1.4.3). */
function measureContrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [one, other]
    .map((colour) => multiply(toXyz, readLinear(colour))[1])
    .toSorted((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

describe("the colours of the statuses", () => {
  it.each([
    ["strong", 6.5, 18],
    ["onDark", 6.5, 18],
    ["bar", 6.5, 18],
    ["fill", 5, 12],
  ] as const)("differ in lightness and for colour-blind readers (%s)", (shade, minLightness, minDistance) => {
    const lightness = (colour: string) => toLab(readLinear(colour))[0];
    expect(findSmallest(shade, (a, b) => Math.abs(lightness(a) - lightness(b)))).toBeGreaterThan(
      minLightness,
    );
    expect(findSmallest(shade, (a, b) => Math.abs(readLuma(a) - readLuma(b)))).toBeGreaterThan(minLuma);
    const distance = (see: (linear: Triple) => Triple) =>
      findSmallest(shade, (a, b) => measureDistance(see(readLinear(a)), see(readLinear(b))));
    expect(distance((linear) => linear)).toBeGreaterThan(2 * minDistance);
    for (const matrix of Object.values(deficiencies))
      expect(distance((linear) => simulate(matrix, linear))).toBeGreaterThan(minDistance);
  });

  it("leave black text on them readable", () => {
    for (const status of statuses) {
      const { bar, fill } = statusColours[status];
      for (const background of [bar, fill])
        expect(measureContrast("#000000", background)).toBeGreaterThanOrEqual(4.5);
    }
  });

  it("are visible as marks on white, on black and on the page", () => {
    const { light, dark } = readPage();
    for (const status of statuses) {
      const { strong, onDark } = statusColours[status];
      for (const background of ["#ffffff", "#000000", light.get("card") ?? ""])
        expect(measureContrast(strong, background)).toBeGreaterThanOrEqual(3);
      expect(measureContrast(onDark, dark.get("card") ?? "")).toBeGreaterThanOrEqual(3);
    }
  });

  it("are the page's colours, in dark mode and in print too", () => {
    const { light, dark, print } = readPage();
    for (const status of statuses) {
      expect(light.get(status)).toBe(statusColours[status].strong);
      expect(dark.get(status)).toBe(statusColours[status].onDark);
      expect(print.get(status)).toBe(statusColours[status].strong);
    }
  });

  it("stand in stacks with every status once, where green does not touch red", () => {
    expect(stackedStatuses.toSorted()).toEqual(statuses.toSorted());
    const distance = stackedStatuses.indexOf("accepted") - stackedStatuses.indexOf("rejected");
    expect(Math.abs(distance)).toBeGreaterThan(1);
  });
});

/** Reads the page's variables in light mode, in dark mode and in print. */
function readPage(): Record<"light" | "dark" | "print", Map<string, string>> {
  const css = readFileSync(new URL("../../../functions/web/page.css", import.meta.url), "utf8");
  const [light, dark, print] = [...css.matchAll(/:root \{([^}]*)\}/g)].map(
    ([, block = ""]) =>
      new Map([...block.matchAll(/--([\w-]+): (#\w+);/g)].map(([, name = "", value = ""]) => [name, value])),
  );
  if (light === undefined || dark === undefined || print === undefined) throw new Error("a mode is missing");
  return { light, dark, print };
}
