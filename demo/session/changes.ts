/** Parts of the session that views follow. */
export type Topic =
  | "profile"
  | "problem"
  | "panels"
  | "bound"
  | "playback"
  | "focus"
  | "app"
  | "notices"
  | "replanning"
  | "glance";

/** Tells views what changed: each view once a frame, however much changed meanwhile. */
export class Changes {
  readonly #views: { readonly topics: readonly Topic[]; readonly draw: () => void }[] = [];
  readonly #changed = new Set<Topic>();
  #scheduled = false;

  /** Draws now, and again whenever one of the topics changes. */
  follow(topics: readonly Topic[], draw: () => void): void {
    this.#views.push({ topics, draw });
    draw();
  }

  /** Says that something changed. */
  tell(...topics: Topic[]): void {
    for (const topic of topics) this.#changed.add(topic);
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => this.#deliver());
  }

  #deliver(): void {
    this.#scheduled = false;
    const changed = new Set(this.#changed);
    this.#changed.clear();
    for (const { topics, draw } of this.#views) {
      if (topics.some((topic) => changed.has(topic))) draw();
    }
  }
}
