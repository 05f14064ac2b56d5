import assert from "node:assert/strict";
import fc from "fast-check";
import { InputError, UsageError } from "../domain/errors.ts";
import { checkAppName, checkHostName, checkImage, checkStackName, serviceName } from "./names.ts";

const HOSTILE = [
  "",
  " ",
  "a b",
  "a;b",
  "a==b",
  "../a",
  "a/b/",
  "-a",
  "--insecure",
  "__proto__",
  "a\nb",
  "a\0b",
  "\u001b[2J",
  "$(a)",
  "`a`",
  "a'b",
  'a"b',
  "ä",
  "x".repeat(300),
];

Deno.test("checkAppName() refuses names that objects give a meaning", () => {
  for (const name of ["__proto__", "constructor", "prototype"]) {
    assert.throws(
      () => checkAppName(name, "plan.json"),
      new RegExp(`plan.json: the name ${name} is reserved`),
    );
  }
  assert.equal(checkAppName("toString", "plan.json"), "toString");
});

Deno.test("no name that could mean more than a name is taken", () => {
  for (const name of HOSTILE) {
    assert.throws(() => checkAppName(name, "plan.json"), InputError, JSON.stringify(name));
    assert.throws(() => checkHostName(name, "--nodes"), InputError, JSON.stringify(name));
    assert.throws(() => checkStackName(name), UsageError, JSON.stringify(name));
    assert.throws(() => checkImage(name, "image"), (error: Error) => {
      assert.ok(error instanceof InputError);
      assert.doesNotMatch(error.message, /\p{Cc}/u);
      return true;
    });
  }
});

Deno.test("names that people use are taken", () => {
  for (const name of ["redis", "ycsb-a", "scene_detect.2"]) checkAppName(name, "");
  for (const name of ["n1", "ip-10-0-0-1.ec2.internal", "A"]) checkHostName(name, "");
  for (const name of ["metis", "prod_2-a"]) checkStackName(name);
  for (
    const name of [
      "redis",
      "library/redis:7.2",
      "localhost:5000/a/b_c:v1",
      `registry.example.com/a@sha256:${"0".repeat(64)}`,
    ]
  ) checkImage(name, "");
});

Deno.test("serviceName is one that Swarm takes, another for every app, node and slot", () => {
  const app = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/);
  const host = fc.stringMatching(/^[A-Za-z0-9]([A-Za-z0-9.-]{0,80}[A-Za-z0-9])?$/);
  const identity = fc.tuple(app, host, fc.option(fc.nat(9), { nil: undefined }));
  fc.assert(
    fc.property(identity, identity, (a, b) => {
      const [first, second] = [serviceName("metis", ...a), serviceName("metis", ...b)];
      assert.match(first, /^metis_[A-Za-z0-9]+([-_]+[A-Za-z0-9]+)*$/);
      assert.ok(first.length <= 63, first);
      // "a-1" on "n" and "a" on "1-n" may not meet by accident where they are hashed.
      if (JSON.stringify(a) === JSON.stringify(b)) assert.equal(first, second);
      else if (a[0] !== b[0] && a[1] === b[1] && a[2] === b[2]) assert.notEqual(first, second);
    }),
    { numRuns: 1000 },
  );
});
