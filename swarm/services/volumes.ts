/**
 * A volume of a short form: `data:/data`, `/srv/www:/www:ro`.
 * @returns null if it is none; `drive` if Docker would take its first letter for a drive of Windows, and `unknown` if
 * it has words that say nothing to Docker.
 */
export function parseVolume(line: string) {
  const drive = /^[A-Za-z]:[\\/]/.test(line);
  const [first, second, flags, ...more] = line.split(":");
  if (more.length > 0 || first === "" || flags === "") return null;
  const target = second ?? first!;
  if (!target.startsWith("/")) return null;
  const source = second === undefined ? undefined : first;
  const words = flags?.split(",") ?? [];
  const known =
    /^(ro|rw|z|Z|nocopy|volume-nocopy|(r?shared|r?slave|r?private)|consistent|cached|delegated)$/;
  const propagation = words.find((word) => /^r?(shared|slave|private)$/.test(word));
  const type = source !== undefined && /^[./~]/.test(source) ? "bind" as const : "volume" as const;
  return {
    drive,
    unknown: !words.every((word) => known.test(word)),
    volume: {
      type,
      ...(source === undefined ? {} : { source }),
      target,
      read_only: words.includes("ro"),
      ...(words.some((word) => word.endsWith("nocopy")) ? { volume: { nocopy: true } } : {}),
      ...(propagation === undefined || type !== "bind" ? {} : { bind: { propagation } }),
    },
  };
}
