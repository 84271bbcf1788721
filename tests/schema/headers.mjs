// What the C++ headers say about words, fields and bounds, read by their fixed way of writing it.

import { read } from "./documents.mjs";

/** A header by module and name, such as "table/action". */
const header = (name) => read(`include/tableforge/${name}.hpp`);

/** The structs of a header by name: their word, if they have one, and their fields with type and optionality. */
export function structs(name) {
  const found = new Map();
  for (const [, struct, body] of header(name).matchAll(/^struct (\w+) \{\n([\s\S]*?)^\};/gm)) {
    const word = body.match(/static constexpr std::string_view (?:op|ev) = "([^"]+)"/)?.[1];
    const types = new Map();
    for (const [, type, member] of body.matchAll(/^ {2}([\w:][\w:<>, ]*?) (\w+)(?: = [^;]+)?;/gm))
      types.set(member, type);
    const fields = [...body.matchAll(/field\("(\w+)", &\w+::(\w+)/g)].map(([, field, member]) => {
      if (!types.has(member)) throw new Error(`${name}.hpp: cannot read the member ${struct}::${member}`);
      return { name: field, optional: types.get(member).startsWith("std::optional<") };
    });
    found.set(struct, { word, fields });
  }
  return found;
}

/** The words of all enumerations of a header, by the enumeration's name. */
export function enumerations(name) {
  const found = new Map();
  for (const [, enumeration, list] of header(name).matchAll(
    /struct (?:tableforge::)?Words<(?:\w+::)*(\w+)> \{[^{]*words\{([^}]*)\}/g,
  )) {
    found.set(
      enumeration,
      [...list.matchAll(/"([^"]*)"/g)].map(([, word]) => word),
    );
  }
  return found;
}

/** The numbers of protocol/close_code.hpp, in the order of its words. */
export function closeNumbers() {
  const list = header("protocol/close_code").match(/numbers\{([\d, ]+)\}/)[1];
  return list.split(",").map(Number);
}

/** The integer constants of a header by name. */
export function limits(name) {
  const found = new Map();
  for (const [, constant, number] of header(name).matchAll(/constexpr std::\w+ (k\w+) = ([\d']+);/g)) {
    found.set(constant, Number(number.replaceAll("'", "")));
  }
  return found;
}
