/** The repository. */
export const root = new URL("../", import.meta.url);

/** What tools read of deno.json. */
export interface DenoJson {
  readonly version: string;
  readonly imports: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string>>;
}

/** The configuration of the repository. */
export async function denoJson(): Promise<DenoJson> {
  return JSON.parse(await Deno.readTextFile(new URL("deno.json", root)));
}

/** Runs a command that must succeed. @returns Its standard output. */
export async function run(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, {
    args: [...args],
    cwd: options.cwd ?? root,
    env: { NO_COLOR: "1", ...options.env },
  }).output();
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  if (!success) {
    throw new Error(`${command} ${args.join(" ")} failed:\n${text(stderr)}${text(stdout)}`);
  }
  return text(stdout);
}

/** Copies a file or folder with all that it holds, making folders on the way. */
export async function copyTree(from: URL, to: string): Promise<void> {
  if ((await Deno.stat(from)).isDirectory) {
    for await (const { name } of Deno.readDir(from)) {
      await copyTree(
        new URL(encodeURIComponent(name), from.href.replace(/\/?$/, "/")),
        `${to}/${name}`,
      );
    }
  } else {
    await Deno.mkdir(to.slice(0, to.lastIndexOf("/")), { recursive: true });
    await Deno.copyFile(from, to);
  }
}
