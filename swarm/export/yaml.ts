/** A value of JSON. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/**
 * The value as YAML 1.2. Text that YAML 1.1 readers (Docker, kubectl) could take for something else is quoted.
 * @returns Text that ends in a newline.
 */
export function toYaml(value: Json): string {
  return block(value, "").replace(/^\n/, "") + "\n";
}

function block(value: Json, indent: string): string {
  if (Array.isArray(value)) {
    if (value.length === 0) return " []";
    return value.map((element) => `\n${indent}-${nested(element, `${indent}  `)}`).join("");
  }
  if (typeof value === "object" && value !== null) {
    const fields = Object.entries(value as Readonly<Record<string, Json>>);
    if (fields.length === 0) return " {}";
    return fields.map(([key, field]) => `\n${indent}${scalar(key)}:${block(field, `${indent}  `)}`)
      .join("");
  }
  return ` ${scalar(value as string | number | boolean | null)}`;
}

/** An element of a list: its first field stands on the line of the dash. */
function nested(value: Json, indent: string): string {
  const text = block(value, indent);
  return typeof value === "object" && value !== null && text.startsWith("\n")
    ? ` ${text.slice(1 + indent.length)}`
    : text;
}

function scalar(value: string | number | boolean | null): string {
  if (typeof value !== "string") return JSON.stringify(value);
  const plain = /^[A-Za-z_/][A-Za-z0-9_./@-]*$/.test(value) &&
    !/^(true|false|yes|no|on|off|null|y|n)$/i.test(value);
  // JSON's strings are YAML's, but for two characters that YAML takes for line ends.
  return plain
    ? value
    : JSON.stringify(value).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029")
      .replaceAll("\u0085", "\\u0085").replaceAll("\u007f", "\\u007f");
}
