#!/usr/bin/env node
// usage: validate_documents.mjs
//
// Holds docs/asyncapi.json and docs/openapi.json to their standards, to each other, to docs/protocol.md and to the C++
// headers. Prints every complaint; exits with 1 if there is one.

import { asyncapi, openapi } from "./documents.mjs";
import { allComplaints } from "./document_checks.mjs";

const complaints = await allComplaints(asyncapi, openapi);
for (const each of complaints) console.error(each);
if (complaints.length > 0) process.exit(1);
console.log("docs/asyncapi.json and docs/openapi.json are valid and agree with the headers");
