// The published JavaScript program uses both `require` and a top-level `await`; no kind of module has both by itself.
import { createRequire } from "node:module";

globalThis.require = createRequire(`${process.cwd()}/index.js`);
