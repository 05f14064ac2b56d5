import assert from "node:assert/strict";
import { checkEnvironment } from "./_check_environment.ts";
import { IdentityEnvironment } from "./_identity.ts";

Deno.test("checkEnvironment() accepts the toy environment", () => {
  checkEnvironment(new IdentityEnvironment({ episodes: 4, actions: 3, steps: 5 }));
});

Deno.test("checkEnvironment() finds an environment that forgets its seed", () => {
  class Forgetful extends IdentityEnvironment {
    #resets = 0;
    override reset() {
      return super.reset({ seed: this.#resets++ });
    }
  }
  const broken = new Forgetful({ episodes: 2, actions: 5, steps: 3 });
  assert.throws(() => checkEnvironment(broken), /same seed and actions gave other observations/);
});

Deno.test("checkEnvironment() finds an environment that leaves an episode without a choice", () => {
  class Closed extends IdentityEnvironment {
    override reset(options: { seed?: number } = {}) {
      const start = super.reset(options);
      this.masks.fill(0);
      return start;
    }
  }
  const broken = new Closed({ episodes: 2, actions: 3, steps: 3 });
  assert.throws(() => checkEnvironment(broken), /Episode 0 has no action to choose/);
});

Deno.test("checkEnvironment() finds an environment that takes masked actions", () => {
  class Lax extends IdentityEnvironment {
    override step(actions: ArrayLike<number>) {
      const rightful = Array.from(actions, (action, episode) => {
        const mask = this.masks.subarray(episode * this.actions, (episode + 1) * this.actions);
        return mask[action] === 1 ? action : mask.indexOf(1);
      });
      return super.step(rightful);
    }
  }
  const broken = new Lax({ episodes: 2, actions: 3, steps: 3 });
  assert.throws(() => checkEnvironment(broken), /must refuse a masked action/);
});
