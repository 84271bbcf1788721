// What must hold of the published documents. Each check returns its complaints; none means that all is well.

import { Parser } from "@asyncapi/parser";
import { Validator } from "@seriousme/openapi-schema-validator";
import Ajv from "ajv";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { read } from "./documents.mjs";
import { closeNumbers, enumerations, limits, structs } from "./headers.mjs";

const schemaPrefix = "#/components/schemas/";
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** Calls visit(object, path) for every object below `value`. */
function walk(value, visit, path = "#") {
  if (isObject(value)) visit(value, path);
  if (typeof value !== "object" || value === null) return;
  for (const [key, below] of Object.entries(value)) walk(below, visit, `${path}/${key}`);
}

function differences(what, published, expected) {
  const inDocument = new Set(published);
  const inCode = new Set(expected);
  return [
    ...[...inCode].filter((each) => !inDocument.has(each)).map((each) => `${what}: the document lacks "${each}"`),
    ...[...inDocument].filter((each) => !inCode.has(each)).map((each) => `${what}: the code lacks "${each}"`),
  ];
}

export async function checkAsyncapi(asyncapi) {
  const { document, diagnostics } = await new Parser().parse(JSON.stringify(asyncapi));
  const complaints = diagnostics
    .filter((each) => each.severity <= 1 && each.code !== "asyncapi-latest-version")
    .map((each) => `asyncapi: ${each.path.join("/")}: ${each.message}`);
  if (document === undefined && complaints.length === 0) complaints.push("asyncapi: the parser takes no document");
  if (!/^3\.0\./.test(asyncapi.asyncapi)) complaints.push("asyncapi: the version is not 3.0");
  return complaints;
}

/** The validator follows references within one document only, so it is given both in one. */
export function bundled(asyncapi, openapi) {
  const whole = JSON.parse(JSON.stringify(openapi).replaceAll('"asyncapi.json#', '"#'));
  for (const [name, schema] of Object.entries(asyncapi.components.schemas)) {
    if (name in whole.components.schemas) throw new Error(`${name} stands in both documents`);
    whole.components.schemas[name] = schema;
  }
  return whole;
}

export async function checkOpenapi(asyncapi, openapi) {
  const { valid, errors } = await new Validator().validate(bundled(asyncapi, structuredClone(openapi)));
  if (valid) return /^3\.1\./.test(openapi.openapi) ? [] : ["openapi: the version is not 3.1"];
  return [errors].flat().map((each) => `openapi: ${each.instancePath ?? ""}: ${each.message ?? each}`);
}

/** Every reference leads somewhere, within a document or from the OpenAPI to the AsyncAPI one. */
export function checkReferences(asyncapi, openapi) {
  const documents = { "asyncapi.json": asyncapi, "openapi.json": openapi };
  const complaints = [];
  for (const [name, document] of Object.entries(documents)) {
    walk(document, ({ $ref }, path) => {
      if (typeof $ref !== "string") return;
      const [file, pointer] = $ref.split("#");
      const target = pointer
        .split("/")
        .slice(1)
        .reduce((at, key) => at?.[key.replaceAll("~1", "/").replaceAll("~0", "~")], documents[file || name]);
      if (target === undefined) complaints.push(`${name}${path}: ${$ref} leads nowhere`);
    });
  }
  return complaints;
}

/** Every schema compiles under strict rules, is described, is used, and every object refuses fields it does not name. */
export function checkSchemas(asyncapi, openapi) {
  const complaints = [];
  const ajv = addFormats(new Ajv({ strict: true })).addKeyword("components");
  ajv.addSchema({ components: { schemas: asyncapi.components.schemas } }, "asyncapi", false, false);
  const ajv2020 = addFormats(new Ajv2020({ strict: true })).addKeyword("components");
  ajv2020.addSchema({ components: { schemas: asyncapi.components.schemas } }, "asyncapi.json", false, false);
  ajv2020.addSchema({ components: { schemas: openapi.components.schemas } }, "openapi.json", false, false);

  for (const [document, file, compiler, base] of [
    [asyncapi, "asyncapi.json", ajv, "asyncapi"],
    [openapi, "openapi.json", ajv2020, "openapi.json"],
  ]) {
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      try {
        compiler.getSchema(`${base}${schemaPrefix}${name}`);
      } catch (error) {
        complaints.push(`${file} ${name}: ${error.message}`);
      }
      if (!schema.description) complaints.push(`${file} ${name}: has no description`);
      walk(schema, (each, path) => {
        if (each.type === "object" && each.additionalProperties !== false) {
          complaints.push(`${file} ${name} ${path}: admits fields that it does not name`);
        }
        if (
          each.type === "integer" &&
          (each.minimum === undefined || each.maximum === undefined) &&
          file === "asyncapi.json"
        ) {
          complaints.push(`${file} ${name} ${path}: an integer without bounds`);
        }
      });
    }
  }

  const used = new Set();
  for (const document of [asyncapi, openapi]) {
    walk(document, ({ $ref }) => used.add($ref?.replace(/^asyncapi\.json/, "")));
  }
  for (const document of [asyncapi, openapi]) {
    for (const name of Object.keys(document.components.schemas)) {
      // The one schema that is for readers: everything a client may send.
      if (!used.has(schemaPrefix + name) && name !== "ClientMessage") complaints.push(`${name}: nothing refers to it`);
    }
  }
  return complaints;
}

const words = (asyncapi, list) =>
  asyncapi.components.schemas[list].oneOf.map(({ $ref }) => {
    const { op, ev } = asyncapi.components.schemas[$ref.slice(schemaPrefix.length)].properties;
    return (op ?? ev).const;
  });

/** Operations, events, enumerations, error codes and close codes are those of the C++ headers. */
export function checkWords(asyncapi, openapi) {
  const { schemas } = asyncapi.components;
  const wordsOf = (header) => [...structs(header).values()].flatMap(({ word }) => word ?? []);
  const complaints = [
    ...differences("operations", words(asyncapi, "ClientMessage"), [...wordsOf("table/action"), "hello", "presence"]),
    ...differences("events", words(asyncapi, "Event"), [...wordsOf("table/change"), "skip"]),
  ];
  const published = (name) => (schemas[name] ?? openapi.components.schemas[name])?.enum ?? [];
  for (const [name, expected] of enumerations("table/kinds"))
    complaints.push(...differences(name, published(name), expected));
  const errorCodes = enumerations("protocol/error_code").get("ErrorCode");
  complaints.push(...differences("error codes", published("ErrorCode"), errorCodes));
  const reasons = enumerations("protocol/close_code").get("CloseReason");
  complaints.push(...differences("goodbye reasons", published("GoodbyeReason"), reasons));
  const closes = (code, reason) => `${code} ${reason} ${code < 4500 ? "retry" : "stop"}`;
  complaints.push(
    ...differences(
      "close codes",
      asyncapi.channels.table["x-close-codes"].map(
        ({ code, reason, retry }) => `${code} ${reason} ${retry ? "retry" : "stop"}`,
      ),
      closeNumbers().map((code, i) => closes(code, reasons[i])),
    ),
  );
  return complaints;
}

/** Names and optionality of the fields that a schema or its forms have: a field is required if all forms require it. */
function fieldsOf(asyncapi, schema) {
  const forms = (each) => {
    const target = each.$ref ? asyncapi.components.schemas[each.$ref.slice(schemaPrefix.length)] : each;
    return target.oneOf ? target.oneOf.flatMap(forms) : [target];
  };
  const all = forms(schema);
  const names = new Set(all.flatMap((form) => Object.keys(form.properties)));
  return [...names].map((name) => ({ name, optional: !all.every((form) => form.required?.includes(name)) }));
}

// Structs of view.hpp whose wire form has another name here, or exists in several forms.
const viewSchemas = {
  Piece: { oneOf: ["OrderedPiece", "FreePiece"].map((name) => ({ $ref: schemaPrefix + name })) },
  Move: {
    oneOf: ["MoveSeenOrdered", "MoveSeenFree", "MoveInOrdered", "MoveInFree", "MoveOut", "MoveCounted"].map((name) => ({
      $ref: schemaPrefix + name,
    })),
  },
  Zone: { $ref: `${schemaPrefix}Zone` },
  Table: { $ref: `${schemaPrefix}Table` },
  Player: { $ref: `${schemaPrefix}Player` },
  Seat: { $ref: `${schemaPrefix}Seat` },
  Counter: { $ref: `${schemaPrefix}Counter` },
  Turn: { $ref: `${schemaPrefix}Turn` },
  ZoneCount: { $ref: `${schemaPrefix}ZoneCount` },
  ZoneBack: { $ref: `${schemaPrefix}ZoneBack` },
  ZoneShown: { $ref: `${schemaPrefix}ZoneShown` },
};
const viewEvents = [
  "PlayerJoined",
  "RoleGranted",
  "TableConfigured",
  "PieceCreated",
  "PieceMoved",
  "PieceTurned",
  "PieceUpdated",
  "PieceRemoved",
  "ZoneCreated",
  "ZoneRemoved",
  "ZoneShuffled",
  "CounterChanged",
  "CounterTransferred",
  "DiceRolled",
  "ChatSaid",
  "ChatWhispered",
];

/** The fields of operations and views, and which of them may be absent, are those of the C++ structs. */
export function checkFields(asyncapi) {
  const { schemas } = asyncapi.components;
  const complaints = [];
  const describe = ({ name, optional }) => (optional ? `${name}?` : name);
  const compare = (what, schema, struct) => {
    if (schema === undefined) return; // checkWords says so.
    complaints.push(...differences(what, fieldsOf(asyncapi, schema).map(describe), struct.fields.map(describe)));
  };
  const actions = structs("table/action");
  for (const [name, struct] of actions) {
    if (struct.word !== undefined) compare(struct.word, schemas[name]?.properties.data, struct);
  }
  for (const name of ["PieceSpec", "Place", "MoveSpec", "ZoneSpec", "Precondition"]) {
    compare(name, schemas[name], actions.get(name));
  }
  const messages = structs("protocol/client_message");
  compare("presence", schemas.ClientPresence.properties.data, messages.get("Presence"));
  compare("drag", schemas.Drag, messages.get("Drag"));
  const views = structs("table/view");
  for (const [name, schema] of Object.entries(viewSchemas)) compare(`view ${name}`, schema, views.get(name));
  for (const name of viewEvents) compare(`view ${name}`, schemas[name].properties.data, views.get(name));
  return complaints;
}

/** Bounds that the headers name. */
export function checkLimits(asyncapi) {
  const { schemas } = asyncapi.components;
  const limit = new Map([...limits("table/limits"), ...limits("protocol/client_message")]);
  const expected = [
    ["Name", schemas.Name.maxLength, "kNameMax"],
    ["Face", schemas.Face.maxLength, "kFaceMax"],
    ["Label", schemas.Label.maxLength, "kLabelMax"],
    ["ChatText", schemas.ChatText.maxLength, "kChatMax"],
    ["Notation", schemas.Notation.maxLength, "kNotationMax"],
    ["Reason", schemas.Reason.maxLength, "kReasonMax"],
    ["ClientId", schemas.ClientId.maxLength, "kClientIdMax"],
    ["ActionId", schemas.ActionId.maxLength, "kClientIdMax"],
    ["Hello.token", schemas.Hello.properties.token.maxLength, "kTokenMax"],
    ["Place.index", schemas.Place.properties.index.maximum, "kPiecesMax"],
    ["ZoneSpec.capacity", schemas.ZoneSpec.properties.capacity.maximum, "kPiecesMax"],
    ["piece.move", schemas.PieceMove.properties.data.properties.moves.maxItems, "kPiecesPerActionMax"],
    ["zone.draw", schemas.ZoneDraw.properties.data.properties.count.maximum, "kPiecesPerActionMax"],
    ["zone.deal", schemas.ZoneDeal.properties.data.properties.to.maxItems, "kZonesPerDealMax"],
    ["chat.whisper", schemas.ChatWhisper.properties.data.properties.to.maxItems, "kAudienceMax"],
    ["State.seats", schemas.State.properties.seats.maxItems, "kSeatsMax"],
    ["State.players", schemas.State.properties.players.maxItems, "kPlayersMax"],
    ["State.zones", schemas.State.properties.zones.maxItems, "kZonesMax"],
    ["State.counters", schemas.State.properties.counters.maxItems, "kCountersMax"],
    ["State.chat", schemas.State.properties.chat.maxItems, "kChatLinesKept"],
  ];
  return expected
    .filter(([, published, name]) => published !== limit.get(name))
    .map(([where, published, name]) => `${where}: ${published}, but ${name} is ${limit.get(name)}`);
}

/** docs/protocol.md speaks of every word that a program meets. */
export function checkProse(asyncapi, text = read("docs/protocol.md")) {
  const all = [
    ...words(asyncapi, "ClientMessage"),
    ...words(asyncapi, "ServerMessage"),
    ...asyncapi.components.schemas.ErrorCode.enum,
    ...asyncapi.components.schemas.GoodbyeReason.enum,
  ];
  return [...new Set(all)]
    .filter((word) => !text.includes(`\`${word}\``) && !text.includes(`"${word}"`))
    .map((word) => `protocol.md does not mention ${word}`);
}

export async function allComplaints(asyncapi, openapi) {
  return [
    ...(await checkAsyncapi(asyncapi)),
    ...(await checkOpenapi(asyncapi, openapi)),
    ...checkReferences(asyncapi, openapi),
    ...checkSchemas(asyncapi, openapi),
    ...checkWords(asyncapi, openapi),
    ...checkFields(asyncapi),
    ...checkLimits(asyncapi),
    ...checkProse(asyncapi),
  ];
}
