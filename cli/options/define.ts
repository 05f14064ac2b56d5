/**
 * Commands said as data: a list of options says names, help texts, parsers and defaults once, and the type of what
 * the command is given is inferred from it.
 * @module
 */
import type {
  Command,
  CommandUnknownOpts,
  InferOptions,
  Option,
} from "@commander-js/extra-typings";

/** Any option, with the parts that its value is inferred from. */
type AnyOption = Option<string, unknown, unknown, unknown, boolean, unknown>;

/** The values of a list of options, by name, as a command's action gets them. */
export type Given<Options extends readonly unknown[], Before = Record<never, never>> =
  Options extends readonly [
    Option<
      infer Usage,
      infer Preset,
      infer Default,
      infer Coerced,
      infer Mandatory,
      infer Choices
    >,
    ...infer Rest,
  ] ? Given<Rest, InferOptions<Before, Usage, Default, Coerced, Mandatory, Preset, Choices>>
    : Before;

/** The values of what a function lists, such as `GivenBy<typeof surfaceOptions>`. */
export type GivenBy<List extends (...args: never[]) => readonly unknown[]> = Given<
  ReturnType<List>
>;

/** A command of any options: those of several are of one type. */
export function untyped<Arguments extends unknown[]>(
  command: Command<Arguments>,
): CommandUnknownOpts {
  // Commander types an action by what its calls were chained to; act() has seen to that already.
  return command as unknown as CommandUnknownOpts;
}

/**
 * A command with options and what it does.
 * @param command Has its name, description and arguments already.
 * @param action Gets the arguments, then the values of the options, then the command itself.
 */
export function act<Arguments extends unknown[], const Options extends readonly AnyOption[]>(
  command: Command<Arguments>,
  options: Options,
  action: (...given: [...Arguments, Given<Options>, CommandUnknownOpts]) => void | Promise<void>,
): CommandUnknownOpts {
  const made = untyped(command);
  for (const option of options) made.addOption(option);
  return made.action(action as (...given: unknown[]) => void | Promise<void>);
}
