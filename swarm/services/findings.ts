/**
 * What reading a stack file found: key by key what is taken, what the plan or the deployer decides instead, what is ignored
 * and what that means, and what is refused. `metis stack check` shows all of it, and every command refuses in the same words.
 * @module
 */
import type * as v from "valibot";
import { InputError } from "../../domain/errors.ts";

/** What becomes of a key. */
export type FindingKind = "taken" | "decided" | "ignored" | "refused";

/** What was found at one place of a stack file. */
export interface Finding {
  readonly file: string;
  /** Null for what is not of one service. */
  readonly service: string | null;
  /** Place in the service, or in the file: `deploy.mode`, `networks.front.driver`; "" for the whole of it. */
  readonly key: string;
  readonly kind: FindingKind;
  /** What that means, and the remedy where it is refused; "" where there is nothing to say. Never a value of the file. */
  readonly text: string;
}

/** Collects what is found in one file. */
export class Findings {
  readonly all: Finding[] = [];

  /** @param file Name of the file, for messages. */
  constructor(readonly file: string) {}

  /** Notes what becomes of a key. */
  add(kind: FindingKind, service: string | null, key: string, text = ""): void {
    const { file } = this;
    const isKnown = this.all.some((one) =>
      one.service === service && one.key === key && one.kind === kind && one.text === text
    );
    if (!isKnown) this.all.push({ file, service, key, kind, text });
  }

  /** Runs a check that throws: what it says is a refusal. @returns undefined if it was refused. */
  attempt<T>(service: string | null, key: string, check: (place: string) => T): T | undefined {
    const place = placeOf({ file: this.file, service, key });
    try {
      return check(place);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      const { message } = error;
      const text = [place, this.file].find((one) => message.startsWith(`${one}: `));
      this.add(
        "refused",
        service,
        key,
        text === undefined ? message : message.slice(text.length + 2),
      );
      return undefined;
    }
  }

  /** Notes what a schema complains of. */
  addIssues(
    service: string | null,
    above: readonly string[],
    issues: readonly v.BaseIssue<unknown>[],
    remedies: Readonly<Record<string, string>> = {},
  ): void {
    for (const { issue, path } of issues.flatMap((one) => innermost(one, above))) {
      const key = path.join(".");
      this.add(
        "refused",
        service,
        key,
        complaint(issue, Object.hasOwn(remedies, key) ? remedies[key] : undefined),
      );
    }
  }
}

/** Where a finding is: `stack.yaml: services.web.deploy.mode`. */
export function placeOf({ file, service, key }: Pick<Finding, "file" | "service" | "key">): string {
  const place = [...(service === null ? [] : ["services", service]), ...(key === "" ? [] : [key])];
  return place.length === 0 ? file : `${file}: ${place.join(".")}`.slice(0, 300);
}

/** Refuses what was read, if anything of it is refused. @throws {InputError} in the words of the findings. */
export function refuseByFindings(findings: readonly Finding[]): void {
  const [first, ...more] = findings.filter(({ kind }) => kind === "refused");
  if (first === undefined) return;
  const others = more.length === 0
    ? ""
    : ` (and ${more.length} more: \`metis stack check\` says all)`;
  throw new InputError(`${placeOf(first)}: ${first.text}${others}`);
}

/** Where a value has the form of one of several and is wrong inside, what is wrong there. */
function innermost(
  issue: v.BaseIssue<unknown>,
  above: readonly string[],
): { issue: v.BaseIssue<unknown>; path: readonly string[] }[] {
  const path = [...above, ...(issue.path ?? []).map(({ key }) => String(key))];
  const inside = issue.type === "union"
    ? (issue.issues ?? []).filter((one) => (one.path ?? []).length > 0)
    : [];
  if (inside.length === 0) return [{ issue, path }];
  const all = inside.flatMap((one) => innermost(one, path));
  const isOf = (outer: readonly string[], inner: readonly string[]) =>
    outer.length < inner.length && outer.every((key, at) => key === inner[at]);
  return all.filter((one) => !all.some((other) => isOf(one.path, other.path)));
}

function complaint(issue: v.BaseIssue<unknown>, remedy: string | undefined): string {
  if (issue.type === "strict_object" && issue.expected === "never") {
    return remedy ?? "this key is not supported (docs/deploying.md lists the supported keys)";
  }
  if (issue.type === "strict_object" && issue.received === "undefined") return "is missing";
  // "received" would quote the value.
  return issue.type === "regex" || issue.type === "check"
    ? issue.message
    : `must be ${inWords(issue.expected ?? "something else")}`;
}

/** As valibot says it, `(string | Array)`, in the words of the file. */
function inWords(expected: string): string {
  return expected.replace(/^\((.*)\)$/, "$1").replaceAll(" | ", " or ").replace(
    /\b(Object|Array)\b/g,
    (kind) => kind === "Object" ? "an object" : "a list",
  );
}
