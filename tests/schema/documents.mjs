// The published documents, and the validators made from them.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import Ajv from "ajv";

export const root = fileURLToPath(new URL("../../", import.meta.url));

export const read = (path) => readFileSync(root + path, "utf8");
export const asyncapiText = read("docs/asyncapi.json");
export const openapiText = read("docs/openapi.json");
export const asyncapi = JSON.parse(asyncapiText);
export const openapi = JSON.parse(openapiText);

const prefix = "#/components/schemas/";

/** The names of the schemas that a `oneOf` of references lists. */
export const listed = (schema) =>
  asyncapi.components.schemas[schema].oneOf.map((each) => each.$ref.slice(prefix.length));

/** The word of a message schema: the constant that its `op` or `ev` must be. */
export function wordOf(name) {
  const properties = asyncapi.components.schemas[name].properties;
  return (properties.op ?? properties.ev).const;
}

/**
 * For each word of `ClientMessage` or `ServerMessage`, a validator per form of that message. One per word and not the
 * whole `oneOf`, because a failure then names the one schema that was meant.
 */
export function validatorsFor(schema) {
  const ajv = new Ajv({ strict: true }).addKeyword("components");
  ajv.addSchema({ components: { schemas: asyncapi.components.schemas } }, "asyncapi", false, false);
  const validators = new Map();
  for (const name of listed(schema)) {
    const validate = ajv.getSchema(`asyncapi${prefix}${name}`);
    const word = wordOf(name);
    validators.set(word, [...(validators.get(word) ?? []), { name, validate }]);
  }
  return validators;
}
