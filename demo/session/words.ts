/**
 * Numbers in words that sessions and views share.
 * @module
 */

/** A change in percent with its sign. */
export function changeText(share: number): string {
  const percent = Math.abs(share * 100);
  const digits = percent >= 9.95 ? 0 : percent >= 0.995 ? 1 : 2;
  const sign = share < 0 ? "−" : "+";
  return `${sign}${percent.toFixed(digits)} %`;
}

/** A count with its noun. */
export function countText(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

/** A share in whole percent. */
export function percentText(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/**
 * A letter for each app, all different where the alphabet allows: its first one, or where apps share that, the first one
 * after what their names have in common.
 */
export function appLetters(apps: readonly string[]): string[] {
  const taken = new Set<string>();
  return apps.map((app) => {
    const letters = app.toUpperCase().match(/[\p{L}\p{N}]/gu) ?? [];
    const others = apps.filter((other) => other !== app && other[0] === app[0]);
    const common = others.reduce((most, other) => Math.max(most, commonLength(app, other)), 0);
    const own = app.slice(common).toUpperCase().match(/[\p{L}\p{N}]/gu) ?? [];
    const free = [...own, ...letters, ..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
    const letter = free.find((one) => !taken.has(one)) ?? "";
    taken.add(letter);
    return letter;
  });
}

function commonLength(one: string, other: string): number {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at++;
  return at;
}
