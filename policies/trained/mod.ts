/** A trained policy that comes with Metis. */
export interface ShippedPolicy {
  /** What it can be used as: see PolicyInfo.kind. */
  readonly kind: string;
  /** SHA-256 of the data file that its surface was fitted on. */
  readonly data: string;
  /** Folder of the policy, ending in a slash. */
  readonly url: URL;
}

/** SHA-256 of datasets/lab-7x8.csv. */
const LAB = "19e346910fca91488b2884c69309809a27d28fe456c4333bd78975ae3875f165";
/** SHA-256 of datasets/synthetic-7x8.csv. */
const SYNTHETIC = "98915e3d8d0499d88bbe7e793b010f992783d70b3349a10f3df9abc4b5011bfd";

/** All policies that come with Metis; the README of this folder says how they were trained. */
export const SHIPPED: readonly ShippedPolicy[] = [
  { kind: "metis", data: LAB, url: new URL("./lab-metis/", import.meta.url) },
  { kind: "online", data: LAB, url: new URL("./lab-online/", import.meta.url) },
  { kind: "metis", data: SYNTHETIC, url: new URL("./synthetic-metis/", import.meta.url) },
  { kind: "online", data: SYNTHETIC, url: new URL("./synthetic-online/", import.meta.url) },
];
