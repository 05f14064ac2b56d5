/**
 * Debian's Firefox, driven by WebDriver BiDi: playwright-core drives builds of its own only. As much as a smoke test needs.
 * @module
 */

const FIREFOX = "/usr/bin/firefox-esr";
/** Milliseconds that a test waits for one state of the page: far more than a busy machine needs. */
const PATIENCE = 240_000;

/** Why there is no Firefox here, or null. */
export async function missingFirefox(): Promise<string | null> {
  return await Deno.stat(FIREFOX).then(() => null, () => `there is no ${FIREFOX}`);
}

/** An answer of the browser, or something that it tells unasked. */
interface Message {
  readonly id?: number;
  readonly type: "success" | "error" | "event";
  readonly result?: unknown;
  readonly method?: string;
  readonly params?: { readonly level?: string; readonly text?: string };
  readonly error?: string;
  readonly message?: string;
}

/** One window of Firefox. */
export class Firefox implements AsyncDisposable {
  /** What pages complained of. */
  readonly problems: string[] = [];
  readonly #socket: WebSocket;
  readonly #cleanup: AsyncDisposableStack;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #sent = 0;
  #window = "";

  private constructor(socket: WebSocket, cleanup: AsyncDisposableStack) {
    this.#socket = socket;
    this.#cleanup = cleanup;
    socket.onmessage = ({ data }) => this.#take(JSON.parse(data));
    socket.onclose = () => {
      for (const { reject } of this.#waiting.values()) reject(new Error("Firefox has ended"));
    };
  }

  /** Starts it, with a profile of its own. */
  static async start(): Promise<Firefox> {
    await using cleanup = new AsyncDisposableStack();
    const profile = await Deno.makeTempDir({ prefix: "metis-firefox-" });
    cleanup.defer(() => Deno.remove(profile, { recursive: true }));
    const args = ["--headless", "--no-remote", "--profile", profile];
    const process = new Deno.Command(FIREFOX, {
      args: [...args, "--remote-debugging-port", "0"],
      env: { HOME: profile },
      stdout: "null",
      stderr: "piped",
    }).spawn();
    cleanup.defer(async () => {
      process.kill("SIGKILL");
      await process.status;
    });
    const socket = new WebSocket(`${await addressIn(process.stderr)}/session`);
    cleanup.defer(() => socket.close());
    await new Promise((resume, fail) => {
      socket.onopen = resume;
      socket.onerror = fail;
    });
    const firefox = new Firefox(socket, cleanup.move());
    await firefox.#ask("session.new", { capabilities: {} });
    await firefox.#ask("session.subscribe", { events: ["log.entryAdded"] });
    const { contexts } = await firefox.#ask("browsingContext.getTree", {}) as {
      contexts: { context: string }[];
    };
    firefox.#window = contexts[0]!.context;
    return firefox;
  }

  /** Opens an address. */
  async open(url: string): Promise<void> {
    await this.#ask("browsingContext.navigate", { context: this.#window, url, wait: "complete" });
  }

  /** What an expression of JavaScript is in the page: text, a number or a truth value; promises are awaited. */
  async evaluate(expression: string): Promise<unknown> {
    const target = { context: this.#window };
    const asked = { expression, target, awaitPromise: true };
    const answer = await this.#ask("script.evaluate", asked) as {
      result?: { value?: unknown };
      exceptionDetails?: { text: string };
    };
    if (answer.exceptionDetails !== undefined) throw new Error(answer.exceptionDetails.text);
    return answer.result?.value;
  }

  /** Waits until an element shows a text. @throws {Error} with the text that it shows instead. */
  async shows(selector: string, expected: RegExp): Promise<void> {
    const late = await this.evaluate(`new Promise((resume) => {
      const begun = performance.now();
      const look = () => {
        const text = document.querySelector(${JSON.stringify(selector)})?.textContent.trim();
        if (${expected}.test(text ?? "")) resume(null);
        else if (performance.now() - begun > ${PATIENCE}) resume(text ?? "nothing");
        else requestAnimationFrame(look);
      };
      look();
    })`);
    if (typeof late === "string") {
      throw new Error(`${selector} should show ${expected}, but shows ${late}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.onclose = null;
    await this.#cleanup.disposeAsync();
  }

  async #ask(method: string, params: unknown): Promise<unknown> {
    const id = ++this.#sent;
    const answer = Promise.withResolvers<unknown>();
    this.#waiting.set(id, answer);
    this.#socket.send(JSON.stringify({ id, method, params }));
    return await answer.promise;
  }

  #take({ id, type, result, method, params, error, message }: Message): void {
    if (method === "log.entryAdded" && params?.level === "error") {
      this.problems.push(params.text ?? "an error");
    }
    const waiting = id === undefined ? undefined : this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id!);
    if (type === "error") waiting.reject(new Error(`${error}: ${message}`));
    else waiting.resolve(result);
  }
}

/** Where Firefox listens, as it says. The rest of what it says is read as well: a pipe that is full would stop it. */
async function addressIn(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  const found = Promise.withResolvers<string>();
  (async () => {
    let said = "";
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      said += text;
      const address = /WebDriver BiDi listening on (ws:\S+)/.exec(said)?.[1];
      if (address !== undefined) found.resolve(address);
    }
    found.reject(new Error(`Firefox ended: ${said}`));
  })();
  return await found.promise;
}
