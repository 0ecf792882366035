// Where does the full viewer come from? OHIF's published build, fetched by its hash, made to fit below our
// static folder, minified and compressed. `npm run workplace` does it; nothing of OHIF is built from source.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { minify } from "rolldown/utils";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const wanted = JSON.parse(readFileSync(here("workplace.json"), "utf8"));
const to = here("../../src/safelight/surfaces/web/static/workplace/");
const digest = createHash("sha256").update(readFileSync(here("workplace.mjs"))).update(wanted.integrity);
// A folder of its own for each build, so that browsers may keep what is in it for ever.
const folder = digest.digest("hex").slice(0, 12);
const prefix = `/static/workplace/${folder}/`;

// What is run by hand or calls other hosts stays out (the service worker, the silent sign-in, its own page and
// settings); so do the models for segmentation by machine and the whole-slide viewer.
const KEPT = /^(?!(init-service-worker|sw|google|oidc-client\.min|polyfill\.min|es6-shim\.min|app-config)\.js$)[^/]+\.(js|css|wasm|woff2)$/;
const ROOT = '__webpack_require__.p = "/"';

function fetched(into) {
  const npm = [process.env.npm_execpath, "pack", `${wanted.name}@${wanted.version}`, "--pack-destination", into, "--json"];
  const [told] = JSON.parse(execFileSync(process.execPath, npm, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }));
  const archive = join(into, told.filename);
  const found = `sha512-${createHash("sha512").update(readFileSync(archive)).digest("base64")}`;
  if (found !== wanted.integrity) {
    throw new Error(`${told.filename} is not the file it should be: its hash is ${found}`);
  }
  execFileSync("tar", ["-xzf", archive, "-C", into, "--no-same-owner", "--exclude=*.map", "--exclude=*/ort", "--exclude=*/dicom-microscopy-viewer", "package/dist"]);
  return join(into, "package", "dist");
}

// ndarray, by which segmentations are read, makes its constructors from strings, which our policy forbids in pages.
// They depend on the kind of number and how many dimensions there are, so they are all made here, beforehand.
const NUMBERS = [
  "generic", "buffer", "array", "float32", "float64", "int8", "int16", "int32", "uint8", "uint16", "uint32",
  "uint8_clamped", "bigint64", "biguint64",
];
const MOST_DIMENSIONS = 4;

function precompiled(text) {
  const start = text.indexOf("function compileConstructor(dtype, dimension)");
  if (start < 0) return text;
  const end = text.indexOf("var CACHED_CONSTRUCTORS", start);
  const source = text.slice(start, end);
  const calls = source.match(/new Function\(.*\)(?=;?$)/gm);
  if (end < 0 || calls?.length !== 3) throw new Error("ndarray has another shape than this script knows");
  let asked;
  const catching = function (...words) {
    asked = words;
    return () => undefined;
  };
  const known = Object.fromEntries(NUMBERS.map((dtype) => [dtype, []]));
  const inside = ["Function", "CACHED_CONSTRUCTORS", "order", "iota"];
  const iota = (count) => [...Array(count).keys()];
  const compile = new Function(...inside, `${source}\nreturn compileConstructor`)(catching, known, () => [], iota);
  const table = [];
  for (const dtype of NUMBERS) {
    for (let dimension = -1; dimension <= MOST_DIMENSIONS; dimension++) {
      compile(dtype, dimension);
      const code = asked.pop();
      table.push(`"${dtype}/${dimension}": function (${asked.join(", ")}) {\n${code}\n}`);
    }
  }
  const looked = source.replaceAll(/new Function\(.*\)(?=;?$)/gm, "PRECOMPILED[dtype + '/' + dimension]");
  return `${text.slice(0, start)}var PRECOMPILED = {\n${table.join(",\n")}\n};\n${looked}${text.slice(end)}`;
}

async function fitted(name, bytes) {
  if (name.endsWith(".css")) {
    return Buffer.from(bytes.toString("utf8").replaceAll(/url\((["']?)\//g, `url($1${prefix}`));
  }
  if (!name.endsWith(".js")) return bytes;
  const moved = bytes.toString("utf8").replaceAll(ROOT, `__webpack_require__.p = "${prefix}"`);
  const { code, errors } = await minify(name, precompiled(moved).replace(/\n?\/\/# sourceMappingURL=\S*\s*$/, ""), {});
  if (errors?.length) throw new Error(`${name}: ${errors[0].message}`);
  return Buffer.from(code);
}

const work = mkdtempSync(join(tmpdir(), "workplace-"));
const made = join(work, "made");

async function written(name, bytes) {
  writeFileSync(join(made, folder, name), bytes);
  if (/\.woff2$/.test(name) || bytes.length < 1024) return;
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_LGWIN]: 22 } };
  const [small, plain] = await Promise.all([promisify(brotliCompress)(bytes, quality), promisify(gzip)(bytes, { level: 6 })]);
  writeFileSync(join(made, folder, `${name}.br`), small);
  writeFileSync(join(made, folder, `${name}.gz`), plain);
}

try {
  const dist = fetched(work);
  const names = readdirSync(dist).filter((name) => KEPT.test(name)).sort();
  mkdirSync(join(made, folder), { recursive: true });
  const workers = [];
  const moved = [];
  for (const name of names) {
    const bytes = readFileSync(join(dist, name));
    if (name.endsWith(".js") && bytes.includes(ROOT)) {
      moved.push(name);
      if (!name.startsWith("app.bundle.")) workers.push(name);
    }
    await written(name, await fitted(name, bytes));
  }
  const script = moved.find((name) => name.startsWith("app.bundle."));
  if (!script || workers.length === 0) throw new Error("the build has another shape than this script knows");
  // What the published page says in two inline scripts; ours allows none.
  await written("begin.js", Buffer.from(`window.PUBLIC_URL = "${prefix}";\nconsole.time("scriptToView");\nwindow.browserImportFunction = (name) => import(name);\nlocalStorage.setItem("shownTours", '["basicViewerTour"]');\n`));
  const told = { version: wanted.version, folder, script, style: "app.bundle.css", workers };
  writeFileSync(join(made, "made.json"), `${JSON.stringify(told, null, 2)}\n`);
  rmSync(to, { recursive: true, force: true });
  cpSync(made, to, { recursive: true });
} finally {
  rmSync(work, { recursive: true, force: true });
}
