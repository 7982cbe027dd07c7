import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeApi } from "../functions/core/contract/openapi-document.ts";

/** Replaces the copy of the OpenAPI document in docs/. A test fails while the copy differs from what the code makes. */
const path = join(import.meta.dirname, "../docs/openapi.json");
writeFileSync(path, `${JSON.stringify(describeApi(), null, 2)}\n`);
