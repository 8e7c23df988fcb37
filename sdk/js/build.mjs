// Makes hark.js of src/: one file, small enough to be loaded by every page. Only who changes src/ needs it:
// `npm install && npm run build`. The first line says what it was made of, so that a test sees when it is out of date.

import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { build } from "esbuild";

const src = new URL("src/", import.meta.url);
const sources = createHash("sha256");
for (const name of readdirSync(src).sort()) sources.update(readFileSync(new URL(name, src)));

await build({
  entryPoints: [new URL("src/hark.js", import.meta.url).pathname],
  outfile: new URL("hark.js", import.meta.url).pathname,
  banner: { js: `// hark-client, MIT; made of src/ ${sources.digest("hex").slice(0, 12)}` },
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  // Names that are said nowhere but in here: not on the wire, not in the storage, not to a page.
  mangleProps: /^(isWelcome|isLeading|isStale|onState|onStale|archivedNext|silentAt|silence_ms|renewIn_ms|lost|heard|acked|place|looked|hasGaps)$/,
});
