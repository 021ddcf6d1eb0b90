import { expect } from "vitest";
import type { StackResource } from "./good-stack";

/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-member-access -- attacks change properties of every shape */
export type Props = any;
export type Mutable = { -readonly [Key in keyof StackResource]: Key extends "props" ? Props : StackResource[Key] };

/** One change of a good stack. */
export type Attack = (stack: Mutable[]) => void;

/** Attacks by the rule that must report them, each with a description. */
export type Attacks = Readonly<Record<string, Readonly<Record<string, Attack>>>>;

export function resource(stack: Mutable[], name: string): Mutable {
  const found = stack.find((candidate) => candidate.name === name);
  if (found) return found;
  throw new Error(`no ${name} among ${stack.map((candidate) => candidate.name).join(", ")}`);
}

/** A change of the inputs of one resource. */
export const inputs =
  (name: string, change: (props: Props) => void): Attack =>
  (stack) => {
    change(resource(stack, name).props);
  };

/** Inputs of one resource that are replaced. */
export const assign = (name: string, values: object): Attack =>
  inputs(name, (props) => {
    Object.assign(props as object, values);
  });

/** A change in the text of one input. */
export const inputText = (name: string, input: string, from: string | RegExp, to: string): Attack =>
  inputs(name, (props) => {
    const before = props[input] as string;
    props[input] = before.replace(from, to);
    expect(props[input], `${String(from)} in ${input} of ${name}`).not.toBe(before);
  });

/** A change in the text of one file of a set. */
export const fileText = (set: string, path: string, from: string | RegExp, to: string): Attack =>
  inputs(set, ({ entries }) => {
    const before = entries[path].content as string;
    entries[path].content = before.replace(from, to);
    expect(entries[path].content, `${String(from)} in ${path}`).not.toBe(before);
  });

/** A line that is added to one file of a set. */
export const fileLine = (set: string, path: string, line: string): Attack =>
  inputs(set, ({ entries }) => {
    entries[path].content = `${entries[path].content as string}${line}\n`;
  });

/** An entry that is added to a set. */
export const addEntry = (path: string, entry: object): Attack =>
  inputs("host-files", ({ entries }) => {
    entries[path] = entry;
  });

/** A root-owned file that is added to a set. */
export const addFile = (path: string, content = "", mode = "0644"): Attack =>
  addEntry(path, { kind: "file", content, mode, owner: "root:root" });

/** A resource that is added to the stack. */
export const addResource =
  (type: string, props: object = {}): Attack =>
  (stack) => {
    stack.push({
      type,
      name: "added",
      urn: "added",
      props,
      protect: false,
      deleteBeforeReplace: undefined,
      dependencies: [],
    });
  };

/** Several attacks as one. */
export const all =
  (...attacks: readonly Attack[]): Attack =>
  (stack) => {
    for (const attack of attacks) attack(stack);
  };
