import { InputError, parseAmount, type Resources } from "../../domain/mod.ts";
import { addResources } from "./imported.ts";
import type { Pod } from "./kubernetes_schema.ts";

/** Amounts in the notation of Kubernetes. @throws {InputError} naming the place. */
export function amountsOf(
  given: Readonly<Record<string, string | number>>,
  place: string,
): Resources {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      const amount = parseAmount(name, value, "kubernetes");
      if (amount === null) throw new InputError(`${place}: ${name} is no amount: ${value}`);
      return [name, amount];
    }),
  );
}

/**
 * What a pod asks for: all its containers together, or the largest of those that run before them. A limit without a
 * request is the request, as Kubernetes has it.
 */
export function podResources({ metadata, spec }: Pod, file: string): Resources {
  const place = `${file}: pod ${metadata.name}`;
  const asked = ({ resources }: Pod["spec"]["containers"][number]): Resources =>
    amountsOf({ ...resources.limits, ...resources.requests }, place);
  const staying = spec.initContainers.filter(({ restartPolicy }) => restartPolicy === "Always");
  const first = spec.initContainers.filter(({ restartPolicy }) => restartPolicy !== "Always");
  const together = [...spec.containers, ...staying].map(asked).reduce(addResources, {});
  const most = first.map(asked).reduce((largest, one) => {
    const names = new Set([...Object.keys(largest), ...Object.keys(one)]);
    return Object.fromEntries(
      [...names].map((name) => [name, Math.max(largest[name] ?? 0, one[name] ?? 0)]),
    );
  }, together);
  return addResources(most, amountsOf(spec.overhead ?? {}, place));
}
