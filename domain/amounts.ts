/**
 * Amounts of resources as people write them: cores, and sizes in the notations of Docker and Kubernetes.
 * @module
 */

/** Whose suffixes are meant: they share letters, not meanings. */
export type Notation = "docker" | "kubernetes";

const BINARY: Readonly<Record<string, number>> = {
  k: 2 ** 10,
  m: 2 ** 20,
  g: 2 ** 30,
  t: 2 ** 40,
  p: 2 ** 50,
  e: 2 ** 60,
};
const DECIMAL: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
};

/**
 * The amount that a number or text says. Cores: `2`, `0.5`, `500m`. Everything else: a number, or a size such as `512MiB`,
 * `512Mi`, `4G` or `1.5g`. Suffixes with an `i` are powers of 1024 in both notations. Without one, in the notation of
 * Docker `k`, `m`, `g`, ... in either case are powers of 1024 too; in that of Kubernetes `k`, `M`, `G`, ... are powers of
 * 1000, and `m` is a thousandth.
 * @param resource Name of the resource: `cpu` is in cores.
 * @returns 0 or more; null for what is no amount.
 */
export function parseAmount(
  resource: string,
  value: number | string,
  notation: Notation = "docker",
): number | null {
  const match = /^(\d+(?:\.\d*)?|\.\d+)(e[+-]?\d+)?\s*([a-z]*)$/i.exec(`${value}`.trim());
  if (match === null) return null;
  const [, digits = "", exponent = "", suffix = ""] = match;
  const factor = factorOf(resource, suffix, notation);
  const amount = Number(digits + exponent) * (factor ?? NaN);
  // Whole bytes: 0.1g is no whole number of them.
  const exact = factor !== null && factor > 1 ? Math.round(amount) : amount;
  return exact >= 0 && exact < Infinity ? exact : null;
}

function factorOf(resource: string, suffix: string, notation: Notation): number | null {
  if (resource === "cpu" && notation === "docker") {
    return { "": 1, m: 1e-3 }[suffix] ?? null;
  }
  const binary = /^([kmgtpe])i(b?)$/i.exec(suffix);
  if (binary !== null) return BINARY[binary[1]!.toLowerCase()]!;
  if (notation === "kubernetes") return DECIMAL[suffix] ?? null;
  const letter = /^([kmgtpe]?)b?$/i.exec(suffix)?.[1]?.toLowerCase();
  return letter === undefined ? null : letter === "" ? 1 : BINARY[letter]!;
}

/** Names of resources that are counted in bytes, as far as their names say so. */
const IN_BYTES = /memory|storage|disk|hugepages/i;

/** An amount in a text that {@link parseAmount} reads as the same number, as short as can be. */
export function amountText(resource: string, amount: number): string {
  if (IN_BYTES.test(resource)) {
    for (const [letter, factor] of Object.entries(BINARY).toReversed()) {
      const text = `${Number((amount / factor).toFixed(3))}${letter.toUpperCase()}iB`;
      if (amount >= factor && parseAmount(resource, text) === amount) return text;
    }
  }
  return `${amount}`;
}

/** An amount for people, to three digits. */
export function roughAmount(resource: string, amount: number): string {
  if (IN_BYTES.test(resource)) {
    for (const [letter, factor] of Object.entries(BINARY).toReversed()) {
      if (amount >= factor) {
        return `${Number((amount / factor).toPrecision(3))}${letter.toUpperCase()}iB`;
      }
    }
  }
  return `${Number(amount.toPrecision(3))}`;
}
