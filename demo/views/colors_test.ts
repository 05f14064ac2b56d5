import assert from "node:assert/strict";

const STYLE = await Deno.readTextFile(new URL("../styles/tokens.css", import.meta.url));
/** Apps that are told apart by colour as well: those of the bundled profile. */
const APART = 7;
/** Distance of two colours in OKLab: of Okabe's and Ito's colours, the nearest two are 0.076 apart. */
const FAR = 0.1;

/** Machado, Oliveira and Fernandes (2009): what people see who lack a kind of cones, in linear RGB. */
const VISIONS = {
  all: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protanopia: [[.152286, 1.052583, -.204868], [.114503, .786281, .099216], [
    -.003882,
    -.048116,
    1.051998,
  ]],
  deuteranopia: [[.367322, .860646, -.227968], [.280085, .672501, .047413], [
    -.011820,
    .042940,
    .968881,
  ]],
  tritanopia: [[1.255528, -.076749, -.178779], [-.078411, .930809, .147602], [
    .004733,
    .691367,
    .303900,
  ]],
};

for (const theme of ["light", "dark"]) {
  const dark = STYLE.indexOf("prefers-color-scheme: dark");
  const part = theme === "light" ? STYLE.slice(0, dark) : STYLE.slice(dark);
  const colors = new Map(
    [...part.matchAll(/--([\w-]+): (#[\da-f]{6});/g)].map(([, name, color]) => [
      name!,
      linear(color!),
    ]),
  );
  const apps = [...colors].filter(([name]) => /^app-\d+$/.test(name)).map(([, color]) => color);

  Deno.test(`every app's colour stands out 3 to 1, and its letter 4.5 to 1, in the ${theme} theme`, () => {
    assert.equal(apps.length, 14);
    for (const app of apps) {
      for (const behind of ["surface", "node", "slot"]) {
        assert.ok(contrast(app, colors.get(behind)!) >= 3, `${app} on ${behind}`);
      }
      assert.ok(contrast(app, colors.get("app-ink")!) >= 4.5, `${app} behind its letter`);
    }
  });

  Deno.test(`the first apps' colours are far apart for any colour vision in the ${theme} theme`, () => {
    for (const [vision, matrix] of Object.entries(VISIONS)) {
      const seen = apps.slice(0, APART).map((color) => oklab(times(matrix, color)));
      seen.forEach((one, at) => {
        for (const other of seen.slice(at + 1)) {
          const distance = Math.hypot(...one.map((value, axis) => value - other[axis]!));
          assert.ok(distance >= FAR, `${vision}: ${distance}`);
        }
      });
    }
  });
}

/** Linear RGB from 0 to 1. */
function linear(color: string): number[] {
  return [1, 3, 5].map((at) => {
    const value = parseInt(color.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
}

function times(matrix: readonly (readonly number[])[], vector: readonly number[]): number[] {
  return matrix.map((row) => row.reduce((sum, value, at) => sum + value * vector[at]!, 0));
}

/** WCAG 2. */
function contrast(one: readonly number[], other: readonly number[]): number {
  const [low, high] = [one, other].map((color) => times([[.2126, .7152, .0722]], color)[0]! + 0.05)
    .sort((a, b) => a - b);
  return high! / low!;
}

/** Ottosson (2020). */
function oklab(color: readonly number[]): number[] {
  const cones = times([
    [.4122214708, .5363325363, .0514459929],
    [.2119034982, .6806995451, .1073969566],
    [.0883024619, .2817188376, .6299787005],
  ], color.map((value) => Math.max(0, Math.min(1, value))));
  return times([
    [.2104542553, .7936177850, -.0040720468],
    [1.9779984951, -2.4285922050, .4505937099],
    [.0259040371, .7827717662, -.8086757660],
  ], cones.map(Math.cbrt));
}
