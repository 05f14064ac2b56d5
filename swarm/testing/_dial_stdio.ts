/** Plays `ssh`: notes its arguments in a file, then joins standard input and output with a unix socket. */
const [socket, notes, ...args] = Deno.args;
Deno.writeTextFileSync(notes!, JSON.stringify(args));
if (socket === "refuse") {
  console.error("warning: something\nada@host: Permission denied (publickey).");
  Deno.exit(255);
}
const connection = await Deno.connect({ transport: "unix", path: socket! });
const upward = Deno.stdin.readable.pipeTo(connection.writable).catch(() => {});
await connection.readable.pipeTo(Deno.stdout.writable).catch(() => {});
await upward;
