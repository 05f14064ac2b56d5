/** What an engine says of a node, as far as constraints may ask for it. */
interface DescribedNode {
  readonly Spec: {
    readonly Labels?: Readonly<Record<string, string>> | null | undefined;
    readonly Role?: string | undefined;
  };
  readonly Description: {
    readonly Hostname: string;
    readonly Platform?: {
      readonly OS?: string | undefined;
      readonly Architecture?: string | undefined;
    } | undefined;
    readonly Engine?: {
      readonly Labels?: Readonly<Record<string, string>> | null | undefined;
    } | undefined;
  };
}

/** Labels of a node, and what else constraints may ask of it, by the names that they have in constraints. */
export function labelsOfNode({ Spec, Description }: DescribedNode): Record<string, string> {
  const { Hostname, Platform, Engine } = Description;
  const facts: [string, string | undefined][] = [
    ["node.hostname", Hostname],
    ["node.role", Spec.Role],
    ["node.platform.os", Platform?.OS],
    ["node.platform.arch", Platform?.Architecture],
  ];
  return Object.fromEntries([
    ...Object.entries(Engine?.Labels ?? {}).map(([key, value]) => [`engine.labels.${key}`, value]),
    ...facts.filter(([, value]) => value !== undefined),
    ...Object.entries(Spec.Labels ?? {}),
  ]);
}
