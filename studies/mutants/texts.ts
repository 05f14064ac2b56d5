/**
 * Readers of short text: values of options, addresses of engines, the link of the demo page, answers over HTTP.
 * @module
 */
import { type LoadedDemands, readDemandText, readNumbers, readRules } from "./options.ts";
import { readAddress, writeAddress } from "../../demo/session/address.ts";
import { AnswerReader, BrokenAnswerError } from "../../swarm/load/response.ts";
import { endpointText, findEndpoint } from "../../swarm/engine/endpoint.ts";
import { readSeries } from "../../swarm/measure/configurations.ts";
import { sha256 } from "../../swarm/names.ts";
import { differenceOf, lostOf, naiveJson, naiveNumber, naiveText } from "./naive.ts";
import type { Reader } from "./reader.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
/** An option cannot hold what is no text. */
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const APPS = ["redis", "a=b", "isr"];

/** What commander is told of a value that cannot be: it names the option itself. */
const isInvalidArgument = (error: unknown): boolean =>
  (error as { code?: unknown } | null)?.code === "commander.invalidArgument" &&
  !/\p{Cc}/u.test((error as Error).message);

/** A name and a count, divided by the last "="; null if it is none. */
function namedCount(text: string): { app: string; count: number } | null {
  const cut = text.lastIndexOf("=");
  const digits = text.slice(cut + 1);
  return cut > 0 && /^\d+$/.test(digits)
    ? { app: text.slice(0, cut).trim(), count: Number(digits) }
    : null;
}

const demandText: Reader = {
  name: "demand-option",
  form: "text",
  place: "--demand",
  mayThrow: isInvalidArgument,
  samples: ["27,32,3", "redis=27,a=b=3", " 1 , 2, 3", "isr=0"].map(bytesOf),
  async accept(file) {
    const text = textOf(file);
    const demand: LoadedDemands = await readDemandText(text, APPS);
    const parts = text.split(",").map((part) => part.trim());
    if (parts.every((part) => /^\d+$/.test(part))) {
      return differenceOf(demand, [{ row: null, demand: parts.map(Number) }]);
    }
    const named = parts.map(namedCount);
    if (new Set(named.map((one) => one?.app)).size !== named.length) return "an app twice";
    const wanted = APPS.map((app) => named.find((one) => one?.app === app)?.count ?? 0);
    if (named.some((one) => one === null || !APPS.includes(one.app))) return "an unknown app";
    return differenceOf(demand, [{ row: null, demand: wanted }]);
  },
};

const rulesText: Reader = {
  name: "rule-options",
  form: "text",
  place: "--",
  mayThrow: isInvalidArgument,
  samples: ["redis=2,a=b=1\nredis,isr\n3,n4,5-7", "isr=0\nisr,a=b,redis\n0"].map(bytesOf),
  accept(file) {
    const [limits = "redis=1", apart = "redis,isr", fence = "1", ...more] = textOf(file).split(
      "\n",
    );
    const rules = readRules(limits, apart, fence + more.join(""), APPS);
    const named = limits.split(",").map((part) => namedCount(part));
    if (new Set(named.map((one) => one?.app)).size !== named.length) return "an app twice";
    const names = apart.split(",").map((name) => APPS.indexOf(name.trim()));
    if (new Set(names).size !== names.length || names.includes(-1)) return "apart";
    const nodes = (fence + more.join("")).split(",").flatMap((part) => {
      const [from, to = from] = part.trim().replace(/^n/, "").split("-").map(Number) as [
        number,
        number?,
      ];
      return Array.from({ length: to! - from + 1 }, (_, at) => from + at);
    });
    return differenceOf(rules, {
      maxPerNode: APPS.map((app) => named.find((one) => one?.app === app)?.count ?? null),
      apart: names.flatMap((a, at) => names.slice(at + 1).map((b) => [a, b])),
      fencedNodes: [...new Set(nodes)].sort((a, b) => a - b),
    });
  },
};

const numberText: Reader = {
  name: "number-options",
  form: "text",
  place: "--",
  mayThrow: isInvalidArgument,
  samples: ["12", "0.5", "1e-3", "3.", "redis=5,isr=20.5"].map(bytesOf),
  accept(file) {
    const text = textOf(file);
    const numbers = readNumbers(text);
    if (numbers.length === 0) throw new InvalidText();
    const wanted = text.split(",").map((part) =>
      naiveNumber(part.slice(part.lastIndexOf("=") + 1))
    );
    const strange = numbers.find(({ value, at }) => value !== wanted[at]);
    return strange === undefined
      ? null
      : `${strange.kind}: ${strange.value}, not ${wanted[strange.at]}`;
  },
};

/** No option takes the text: as if each had been refused. */
class InvalidText extends Error {
  readonly code = "commander.invalidArgument";
}

const seriesText: Reader = {
  name: "series-option",
  form: "text",
  place: "",
  samples: ["0-1-2-3 0-0-1-1", "1, 2-2;3-0-0-1\n1-1"].map(bytesOf),
  accept(file) {
    const text = textOf(file);
    const found = readSeries(text, APPS, 4);
    const words = text.split(/[\s,;]+/).filter((word) => word !== "");
    const wanted = new Map<string, Uint8Array>();
    for (const word of words) {
      const counts = new Uint8Array(APPS.length);
      for (const part of word.split("-")) {
        const app = Number(part);
        if (!/^\d+$/.test(part) || app > APPS.length) return `${word} was read`;
        if (app > 0) counts[app - 1]!++;
      }
      const total = counts.reduce((sum, count) => sum + count, 0);
      if (total < 1 || total > 4) return `${word} was read`;
      wanted.set(counts.join(), counts);
    }
    return differenceOf(found, [...wanted.values()]);
  },
};

const HOME = "/home/ada";
const NAME = "far";
const META = `${HOME}/.docker/contexts/meta/${sha256(NAME)}/meta.json`;

function world(files: Readonly<Record<string, string>>) {
  return {
    env: (name: string) => name === "HOME" ? HOME : undefined,
    readText: (path: string) => Promise.resolve(files[path] ?? null),
  };
}

const endpoint: Reader = {
  name: "engine-address",
  form: "text",
  place: "",
  samples: ["tcp://10.0.0.1:2376", "ssh://ada@host.example:22", "unix:///run/docker.sock"]
    .map(bytesOf),
  async accept(file) {
    const text = textOf(file);
    const found = await findEndpoint(world({}), { host: text, insecure: true });
    const plain = text.replace(/(?<=.)\/$/, "");
    const said = endpointText(found);
    const port = /:(\d+)\/?$/.exec(text)?.[1];
    if (
      found.kind !== "unix" && port !== undefined && !(Number(port) >= 1 && Number(port) < 65536)
    ) {
      return `port ${port}`;
    }
    if (/[\s\p{Cc}]/u.test(said)) return `${said} has spaces`;
    const alike = [text, plain, `${plain}:2376`];
    return alike.includes(said) ? null : `${text} became ${said}`;
  },
};

const META_TEXT = JSON.stringify({
  Name: NAME,
  Metadata: {},
  Endpoints: { docker: { Host: "ssh://ada@far.example", SkipTLSVerify: false } },
});
const CONFIG_TEXT = JSON.stringify({ auths: {}, currentContext: NAME });

/** What Docker keeps of its contexts: other keys in it are Docker's own. */
const dockerContext: Reader = {
  name: "docker-context",
  form: "json",
  place: "",
  samples: [META_TEXT, CONFIG_TEXT].map(bytesOf),
  async accept(file) {
    const text = textOf(file);
    const isConfig = text.includes("currentContext");
    const files = {
      [`${HOME}/.docker/config.json`]: isConfig ? text : CONFIG_TEXT,
      [META]: isConfig ? META_TEXT : text,
    };
    const found = endpointText(await findEndpoint(world(files), { insecure: true }));
    const written = naiveJson(text);
    if (written === null) return `what is no JSON leads to ${found}`;
    if (!isConfig) {
      const host = (JSON.parse(text) as { Endpoints: { docker: { Host: string } } }).Endpoints
        .docker.Host;
      if (host.replace(/(?<=.)\/$/, "") !== found && host !== found && `${host}:2376` !== found) {
        return `${host} became ${found}`;
      }
    } else {
      const { currentContext } = (JSON.parse(text) ?? {}) as { currentContext?: unknown };
      const isDefault = found.startsWith("unix:");
      const wants = currentContext === undefined || currentContext === null ||
        currentContext === "" ||
        currentContext === "default";
      if (isDefault !== wants) {
        return `the context ${JSON.stringify(currentContext)} led to ${found}`;
      }
    }
    // Other keys are Docker's own; a key twice says two things.
    return lostOf(written, JSON.parse(text));
  },
};

const address: Reader = {
  name: "page-address",
  form: "text",
  place: "",
  samples: [
    "#nodes=81&demand=37.31.28&a=spread&b=metis&mb=3-40-1.40-7-0-2",
    "#nodes=9&demand=1.2&seed=7&a=optimal&b=a%20b&ma=1-2-0",
  ].map(bytesOf),
  accept(file) {
    const hash = textOf(file);
    const found = readAddress(hash);
    const fields = new URLSearchParams(hash.replace(/^#/, ""));
    const one = (name: string) => fields.getAll(name).length === 1 ? fields.get(name)! : null;
    const { nodes, demand, schedulers, seed, moves } = found;
    if (nodes !== undefined && !(String(nodes) === one("nodes")?.replace(/^0+/, ""))) {
      return "nodes";
    }
    if (seed !== undefined && Number(one("seed") ?? NaN) !== seed) return "seed";
    if (demand !== undefined) {
      const wanted = one("demand")?.split(".").map((part) => naiveNumber(part)) ?? [];
      const wrong = differenceOf(demand, wanted, "demand");
      if (wrong !== null) return wrong;
    }
    if (schedulers !== undefined && differenceOf(schedulers, [one("a"), one("b")]) !== null) {
      return "schedulers";
    }
    if (moves !== undefined) {
      const wanted = ["ma", "mb"].map((name) =>
        one(name)?.split(".").map((move) => move.split("-").map(Number)) ?? []
      );
      const said = moves.map((panel) =>
        panel.map(({ from, to, app, back }) => [from, to, app, ...(back === null ? [] : [back])])
      );
      const wrong = differenceOf(said, wanted, "moves");
      if (wrong !== null) return wrong;
    }
    return differenceOf(readAddress(writeAddress(found)), found, "written and read again");
  },
};

/** Gives the bytes in pieces, as a network does. */
function sourceOf(bytes: Uint8Array) {
  let at = 0;
  return {
    read(buffer: Uint8Array): Promise<number | null> {
      const piece = bytes.subarray(at, at + Math.min(buffer.length, 700));
      buffer.set(piece);
      at += piece.length;
      return Promise.resolve(piece.length === 0 ? null : piece.length);
    },
  };
}

const answer: Reader = {
  name: "http-answer",
  form: "text",
  place: "",
  mayThrow: (error) => error instanceof BrokenAnswerError && !/\p{Cc}/u.test(error.message),
  samples: [
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 503 No\r\nconnection: close\r\n\r\nbusy",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n",
  ].map(bytesOf),
  async accept(file) {
    const { status, bytes } = await new AnswerReader(sourceOf(file)).next(true);
    const text = new TextDecoder("latin1").decode(file);
    if (!(status >= 200 && status <= 999) || !text.includes(` ${status}`)) {
      return `status ${status}`;
    }
    if (bytes > file.length) return `${bytes} bytes of ${file.length}`;
    const lengths = [...(text.split("\r\n\r\n").find((head) => !/^HTTP\S+ 1/.test(head)) ?? "")
      .matchAll(/\ncontent-length:[ \t]*(.*?)[ \t]*\r/gi)].map(([, length]) => length);
    const strange = lengths.find((length) => !/^\d+$/.test(length!) || length !== lengths[0]);
    if (strange !== undefined && status !== 204 && status !== 304) return `length ${strange}`;
    return naiveText(file) === null ? null : null;
  },
};

/** Readers of text that stands in options, addresses and answers. */
export const textReaders: readonly Reader[] = [
  demandText,
  rulesText,
  numberText,
  seriesText,
  endpoint,
  dockerContext,
  address,
  answer,
];
