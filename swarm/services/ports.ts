/** A published port. `published` is null if the engine chooses it. */
export interface PortForm {
  readonly target: number;
  readonly published: number | null;
  readonly protocol: string;
  /** On each node that runs a container of it, or on all nodes. The plan's apps publish on their nodes, whatever it is. */
  readonly mode: "host" | "ingress";
}

/** Most ports of one range. */
const MOST_PORTS = 1000;

/**
 * The ports of a short form: `8081:8080`, `53/udp`, `8000-8002:80-82`, `127.0.0.1:80:80`.
 * @returns null if it is none; `address` is what would bind it to one address of a node.
 */
export function parsePorts(
  line: string,
): { readonly ports: PortForm[]; readonly address: string | null } | null {
  const match =
    /^(?:(?<address>\[[0-9a-fA-F:.]+\]|\d+\.\d+\.\d+\.\d+):)?(?:(?<host>\d{1,5}(?:-\d{1,5})?)?:)?(?<inner>\d{1,5}(?:-\d{1,5})?)(?:\/(?<protocol>tcp|udp|sctp))?$/i
      .exec(line);
  if (match === null) return null;
  const { address = null, host, inner, protocol = "tcp" } = match.groups as {
    address?: string;
    host?: string;
    inner: string;
    protocol?: string;
  };
  // Port 0 of a node is any.
  const [targets, published] = [
    range(inner),
    host === undefined || Number(host) === 0 ? [null] : range(host),
  ];
  if (targets === null || published === null) return null;
  const most = Math.max(targets.length, published.length);
  const fits = (list: readonly unknown[]) => list.length === most || list.length === 1;
  if (most > MOST_PORTS || !fits(targets) || !fits(published)) return null;
  // One port of the node cannot lead to several.
  if (host !== undefined && published.length < most) return null;
  const ports = Array.from({ length: most }, (_, at) => ({
    target: targets[at] ?? targets[0]!,
    published: published[at] ?? published[0]!,
    protocol: protocol.toLowerCase(),
    mode: "ingress" as const,
  }));
  return { ports, address };
}

function range(text: string): number[] | null {
  const [first, last = first] = text.split("-").map(Number) as [number, number?];
  if (first < 1 || last > 65535 || last < first || last - first > 65535) return null;
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}
