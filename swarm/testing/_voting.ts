/**
 * A voting app of five services on a lab, like Docker's example: votes go by way of a queue and a worker to a store, and a page
 * tells the result. A sixth service votes and asks for the result, both by name, and counts what fails.
 * @module
 */
import { importEverywhere } from "../lab/images.ts";
import type { LabPlan } from "../lab/layout.ts";
import { addBusybox, addProgram, rootFileSystem } from "./_lab.ts";
import { broughtUp, LabSwarm } from "./_lab_swarm.ts";

/** What all services run: the queue and the store are Redis. */
export const VOTING_IMAGE = "voting:1";
/** Program that the image needs of this machine. */
export const REDIS = "/usr/bin/redis-server";

/** Apps of plans; the store `db` and the client `ask` are placed by Docker. */
export const VOTING_APPS = ["vote", "redis", "worker", "result"];

/** Files of the image. */
const SCRIPTS: Readonly<Record<string, string>> = {
  "/www/cgi-bin/vote": `#!/bin/sh
case $(redis-cli -h redis rpush votes "$QUERY_STRING" 2>&1) in
  [0-9]*) printf 'Content-Type: text/plain\\r\\n\\r\\n%s\\n' "$RELEASE" ;;
  *) printf 'HTTP/1.0 503 Service Unavailable\\r\\n\\r\\n' ;;
esac
`,
  "/www/cgi-bin/result": `#!/bin/sh
votes=$(redis-cli -h db get votes 2>&1)
case $votes in
  [0-9]*) printf 'Content-Type: text/plain\\r\\n\\r\\n%s\\n' "$votes" ;;
  *) printf 'HTTP/1.0 503 Service Unavailable\\r\\n\\r\\n' ;;
esac
`,
  // A vote that is taken from the queue is counted before the worker ends.
  "/worker": `#!/bin/sh
trap 'ended=1' TERM
while [ -z "$ended" ]; do
  vote=$(redis-cli --raw -h redis blpop votes 1 2>/dev/null | tail -n 1)
  case $vote in
    [a-z]*) until redis-cli -h db incr votes 2>/dev/null | grep -q '[0-9]'; do sleep 0.1; done ;;
    *) sleep 0.1 ;;
  esac
done
`,
  // By the name of a service; busybox, which is linked statically, cannot look one up.
  "/get": `#!/bin/bash
exec 3<> "/dev/tcp/$1/8080" || exit 1
printf 'GET /cgi-bin/%s HTTP/1.0\r\n\r\n' "$2" >&3
read -r protocol status rest <&3
[ "$status" = 200 ] || exit 1
while read -r line; do last=$line; done <&3
echo "$last"
`,
  // Asked, accepted, tried again, lost, and the longest time without an answer in hundredths of a second.
  "/ask": `#!/bin/sh
httpd -p 8080 -h /www
now() { read -r up rest < /proc/uptime; at=\${up%.*}\${up#*.}; }
now; last=$at; asked=0; accepted=0; again=0; lost=0; longest=0
while :; do
  tries=1; asked=$((asked + 1))
  until release=$(timeout 2 /get vote vote?cats 2>/dev/null); do
    again=$((again + 1)); tries=$((tries + 1))
    if [ $tries -gt 5 ]; then lost=$((lost + 1)); release=; break; fi
  done
  now
  if [ -n "$release" ]; then
    accepted=$((accepted + 1))
    [ $accepted -gt 1 ] && [ $((at - last)) -gt $longest ] && longest=$((at - last))
    last=$at
  fi
  echo "$asked $accepted $again $lost $longest $release" > /www/next
  mv /www/next /www/counts
  sleep 0.05
done
`,
};

/** What the client counted. */
export interface Counts {
  readonly asked: number;
  readonly accepted: number;
  /** Times that a vote failed and was given again, which may have counted. */
  readonly again: number;
  /** Votes that were not accepted when given five times. */
  readonly lost: number;
  /** The longest time between two votes that were accepted, in seconds. */
  readonly silence: number;
  /** Release of the container that accepted the last vote. */
  readonly release: string;
}

/** A lab that is up, with the image of the voting app on each node. */
export class VotingLab extends LabSwarm {
  static async up(lab: LabPlan, folder: string): Promise<VotingLab> {
    const own = new VotingLab(lab, folder, await broughtUp(lab));
    await importEverywhere(lab, await votingImage(), VOTING_IMAGE);
    return own;
  }

  /** Writes the stack file. @param release What votes are answered. @param more Of the service vote, what is else. */
  async serve(release: string, more: object = {}): Promise<string> {
    const web = {
      image: VOTING_IMAGE,
      command: ["httpd", "-f", "-p", "8080", "-h", "/www"],
      stop_grace_period: "1s",
    };
    const store = { image: VOTING_IMAGE, command: ["redis-server", "--protected-mode", "no"] };
    const first = { placement: { constraints: ["node.hostname==n1"] }, endpoint_mode: "dnsrr" };
    const services = {
      vote: {
        ...web,
        environment: { RELEASE: release },
        networks: ["front"],
        deploy: {
          replicas: 3,
          endpoint_mode: "dnsrr",
          update_config: { parallelism: 1, order: "start-first", monitor: "1s" },
        },
        ...more,
      },
      redis: { ...store, networks: ["front"], deploy: { endpoint_mode: "dnsrr" } },
      worker: {
        image: VOTING_IMAGE,
        command: ["/worker"],
        stop_grace_period: "5s",
        networks: ["front", "back"],
        deploy: { endpoint_mode: "dnsrr" },
      },
      db: { ...store, networks: ["back"], volumes: ["db:/data"], deploy: first },
      result: { ...web, networks: ["back"], deploy: { endpoint_mode: "dnsrr" } },
      ask: {
        ...web,
        command: ["/ask"],
        networks: ["front", "back"],
        ports: [{ target: 8080, published: 8099, mode: "host" }],
        deploy: first,
      },
    };
    const file = `${this.folder}/voting.json`;
    const networks = { front: {}, back: {} };
    await Deno.writeTextFile(file, JSON.stringify({ services, networks, volumes: { db: {} } }));
    return file;
  }

  /** Writes a plan: a row of containers of {@link VOTING_APPS} for each node. */
  async plan(placement: readonly (readonly number[])[]): Promise<string> {
    const file = `${this.folder}/plan-${placement.flat().join("-")}.json`;
    await Deno.writeTextFile(file, JSON.stringify({ apps: VOTING_APPS, placement }));
    return file;
  }

  /** What the client has counted so far. */
  async counts(): Promise<Counts> {
    const text = await this.#asked("counts");
    const [asked, accepted, again, lost, silence] = text.split(" ").map(Number);
    return {
      ...{ asked: asked!, accepted: accepted!, again: again!, lost: lost! },
      silence: silence! / 100,
      release: text.split(" ")[5]!.trim(),
    };
  }

  /** The votes of the store, by way of `result` as services find it: null where it does not answer. */
  async tally(): Promise<number | null> {
    const text = await this.#asked("cgi-bin/tally").catch(() => "");
    return /^\d+\n$/.test(text) ? Number(text) : null;
  }

  async #asked(page: string): Promise<string> {
    const response = await fetch(`http://${this.nodes[0]!.address}:8099/${page}`, {
      signal: AbortSignal.timeout(5000),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${page}: ${response.status}`);
    return text;
  }
}

/** Asks for the result by its name. */
const TALLY = `#!/bin/sh
printf 'Content-Type: text/plain\\r\\n\\r\\n'
exec timeout 2 /get result result
`;

export function votingImage(): Promise<Uint8Array<ArrayBuffer>> {
  return rootFileSystem(async (folder) => {
    await addBusybox(folder, ["sh", "httpd", "sleep", "timeout", "tail", "grep", "mv"]);
    await addProgram(folder, REDIS);
    await addProgram(folder, "/usr/bin/redis-cli");
    await addProgram(folder, "/bin/bash");
    await Deno.mkdir(`${folder}/www/cgi-bin`, { recursive: true });
    await Deno.mkdir(`${folder}/data`);
    const scripts = { ...SCRIPTS, "/www/cgi-bin/tally": TALLY };
    for (const [path, text] of Object.entries(scripts)) {
      await Deno.writeTextFile(`${folder}${path}`, text, { mode: 0o755 });
    }
  });
}
