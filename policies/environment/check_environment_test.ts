import assert from "node:assert/strict";
import { checkEnvironment } from "./check_environment.ts";
import type { VectorEnvironment } from "./contract.ts";
import { IdentityEnvironment } from "./_identity.ts";

const SMALL = { environments: 2, actions: 5, steps: 3 };

/** What the checks find, one line a fault. */
function faultsOf(create: () => VectorEnvironment): string[] {
  return checkEnvironment(create, { steps: 50 }).flatMap(({ fault }) => fault ?? []);
}

Deno.test("checkEnvironment() finds nothing wrong with the toy environment", () => {
  for (const environments of [1, 4]) {
    const checks = checkEnvironment(() => new IdentityEnvironment({ ...SMALL, environments }));
    assert.ok(checks.length >= 10);
    for (const { name, fault } of checks) assert.equal(fault, null, name);
  }
});

Deno.test("checkEnvironment() finds an environment that forgets its seed", () => {
  let resets = 0;
  class Forgetful extends IdentityEnvironment {
    override reset() {
      return super.reset({ seed: resets++ });
    }
  }
  const faults = faultsOf(() => new Forgetful(SMALL));
  assert.ok(faults.includes("The same seed and actions gave other observations"), `${faults}`);
});

Deno.test("checkEnvironment() finds environments that share random numbers", () => {
  class Shared extends IdentityEnvironment {
    override reset({ seed, only }: { seed?: number; only?: ArrayLike<number> } = {}) {
      // Twice the seed: environment 1 of seed 7 is not environment 0 of seed 8.
      return super.reset({ ...(seed === undefined ? {} : { seed: 2 * seed }), only });
    }
  }
  assert.deepEqual(faultsOf(() => new Shared(SMALL)), [
    "Another place among the environments gave other observations",
  ]);
});

Deno.test("checkEnvironment() finds an environment that leaves no choice", () => {
  class Closed extends IdentityEnvironment {
    override reset(options = {}) {
      const start = super.reset(options);
      this.masks.fill(0);
      return start;
    }
  }
  const faults = faultsOf(() => new Closed(SMALL));
  assert.ok(faults.includes("Environment 0 has no action to choose after the reset"));
});

Deno.test("checkEnvironment() finds an environment that takes masked actions", () => {
  class Lax extends IdentityEnvironment {
    override step(actions: ArrayLike<number>) {
      const { n } = this.actionSpace;
      const rightful = Array.from(actions, (action, at) => {
        const mask = this.masks.subarray(at * n, (at + 1) * n);
        return mask[action] === 0 ? mask.indexOf(1) : action;
      });
      return super.step(rightful);
    }
  }
  const [fault, ...more] = faultsOf(() => new Lax(SMALL));
  assert.match(fault!, /^the action \d must be refused by MaskedActionError$/);
  assert.deepEqual(more, []);
});

Deno.test("checkEnvironment() finds observations outside of their space, and rewards that are no numbers", () => {
  class Loud extends IdentityEnvironment {
    override step(actions: ArrayLike<number>) {
      const step = super.step(actions);
      this.observations[0] = 2;
      return step;
    }
  }
  const [fault] = faultsOf(() => new Loud(SMALL));
  assert.equal(fault, "The observation of environment 0 after step 1 is outside of its space");
  class Broken extends IdentityEnvironment {
    override step(actions: ArrayLike<number>) {
      const step = super.step(actions);
      step.rewards[1] = NaN;
      return step;
    }
  }
  assert.match(faultsOf(() => new Broken(SMALL))[0]!, /^Rewards must be finite/);
});

Deno.test("checkEnvironment() finds an environment that does not reset as its mode says", () => {
  class Late extends IdentityEnvironment {
    override readonly autoreset = "next-step";
  }
  const [fault] = faultsOf(() => new Late({ ...SMALL, steps: 1 }));
  assert.equal(fault, "The step that resets ended an episode");
  class Never extends IdentityEnvironment {
    override readonly autoreset = "disabled";
  }
  assert.deepEqual(faultsOf(() => new Never(SMALL)), [
    "a step after the end of an episode must be refused by ResetNeededError",
  ]);
});

Deno.test("checkEnvironment() finds a reset of some environments that starts all", () => {
  class Eager extends IdentityEnvironment {
    override reset({ seed }: { seed?: number | undefined } = {}) {
      return super.reset({ seed });
    }
  }
  // With six actions and these seeds the two show another observation after the reset.
  assert.deepEqual(faultsOf(() => new Eager({ ...SMALL, actions: 6 })), [
    "A reset of some changed others",
  ]);
});

Deno.test("checkEnvironment() says what an environment throws, and goes on", () => {
  class Failing extends IdentityEnvironment {
    override step(): never {
      throw new RangeError("out of range");
    }
  }
  const checks = checkEnvironment(() => new Failing(SMALL));
  const failed = checks.filter(({ fault }) => fault !== null);
  assert.ok(failed.length >= 5 && failed.length < checks.length);
  assert.ok(failed.some(({ fault }) => fault === "It threw RangeError: out of range"));
});
