import assert from "node:assert/strict";
import { UsageError } from "../../domain/errors.ts";
import { readNodeCpus } from "./cgroups.ts";

Deno.test("readNodeCpus reads lists of CPUs that hold commas and ranges", () => {
  assert.deepEqual(readNodeCpus("n1=0"), { n1: "0" });
  assert.deepEqual(readNodeCpus("n1=0,2-3,n12=4,n3=5-7"), { n1: "0,2-3", n12: "4", n3: "5-7" });
});

Deno.test("readNodeCpus refuses anything else: the text ends in a file of the kernel", () => {
  for (const text of ["", "n1", "n1=", "n1=a", "0=n1", "n1=0;n2=1", "n1=0,,n2=1", "n1=$(id)"]) {
    assert.throws(() => readNodeCpus(text), UsageError, text);
  }
});
