/** Who deploys, for others who find a stack locked; unique for each run. */
export function lockOwner(): string {
  const run = crypto.randomUUID().slice(0, 8);
  return `${Deno.hostname()} (process ${Deno.pid}, run ${run})`;
}
