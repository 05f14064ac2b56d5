/**
 * Names that objects of JavaScript give a meaning of their own: a reader that checks objects by a schema leaves them out
 * without a word. They are refused by name instead, wherever names come in.
 * @module
 */
const RESERVED: readonly string[] = ["__proto__", "constructor", "prototype"];

/** What is wrong with a name as a name of an app or a service; null if nothing is. */
export function reservedProblem(name: string): string | null {
  return RESERVED.includes(name) ? `the name ${name} is reserved: choose another` : null;
}

/** What is wrong with the keys of a value from YAML, however deep; null if nothing is. `parseJson` looks at those of JSON. */
export function reservedKeyProblem(value: unknown): string | null {
  // A set: the aliases of YAML lead to one object by many ways, or in a circle.
  const objects = new Set<object>();
  const visit = (inner: unknown): void => {
    if (typeof inner === "object" && inner !== null) objects.add(inner);
  };
  visit(value);
  for (const object of objects) {
    const key = Array.isArray(object)
      ? undefined
      : Object.keys(object).find((name) => RESERVED.includes(name));
    if (key !== undefined) return reservedProblem(key);
    Object.values(object).forEach(visit);
  }
  return null;
}
