// Bundles what the browser gets into src/basis/web/static/build/:
//   app-HASH.js and its chunks, app-HASH.css, fonts, icons-HASH.svg,
//   manifest.json (logical name → hashed file) and licenses.txt.
// A hashed name never changes its content, so the server may let browsers keep it for ever.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "node_modules");
const web = resolve(here, "../src/basis/web");
const target = join(web, "static/build");
const work = join(web, "static/build.new");

rmSync(work, { recursive: true, force: true });
mkdirSync(work, { recursive: true });
const { metafile } = await bundle();
const manifest = { ...entryFiles(metafile), "icons.svg": writeHashed("icons.svg", sprite()) };
write("manifest.json", `${JSON.stringify(manifest, null, 2)}\n`);
write("licenses.txt", licences(metafile));
rmSync(target, { recursive: true, force: true });
renameSync(work, target);

function bundle() {
  return build({
    absWorkingDir: here,
    // In this form esbuild names the outputs app-HASH.js and app-HASH.css.
    entryPoints: [
      { in: join(web, "islands/app.js"), out: "app" },
      { in: join(here, "app.css"), out: "app" },
    ],
    outdir: work,
    nodePaths: [modules],
    bundle: true,
    splitting: true,
    format: "esm",
    target: ["es2022", "chrome120", "firefox121", "safari17.5"],
    minify: true,
    legalComments: "none",
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    assetNames: "[name]-[hash]",
    loader: { ".woff2": "file" },
    metafile: true,
    logLevel: "warning",
  });
}

/** The logical names of what a page refers to itself: app.js and app.css. */
function entryFiles(/** @type {import("esbuild").Metafile} */ metafile) {
  const files = {};
  for (const [path, output] of Object.entries(metafile.outputs)) {
    if (!output.entryPoint) continue;
    if (/app\.(js|css)$/.test(output.entryPoint)) files[basename(output.entryPoint)] = basename(path);
  }
  return files;
}

/** One SVG with a symbol for every name in icons.json; a name that Tabler does not know stops the build. */
function sprite() {
  const names = JSON.parse(readFileSync(join(here, "icons.json"), "utf8"));
  const stroke = 'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"';
  const symbols = names.map((/** @type {string} */ name) => {
    const svg = readFileSync(join(modules, "@tabler/icons/icons/outline", `${name}.svg`), "utf8");
    const shapes = svg
      .replace(/^[\s\S]*?<svg[\s\S]*?>/, "")
      .replace("</svg>", "")
      .replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none" ?\/>/, "")
      .replace(/\s*\n\s*/g, "");
    return `<symbol id="${name}" viewBox="0 0 24 24" ${stroke}>${shapes}</symbol>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`;
}

/** The licence text of every package of which something is served. */
function licences(/** @type {import("esbuild").Metafile} */ metafile) {
  const packages = new Set(["@tabler/icons"]);
  for (const input of Object.keys(metafile.inputs)) {
    const found = input.match(/node_modules\/((?:@[^/]+\/)?[^/]+)/);
    if (found) packages.add(found[1]);
  }
  return [...packages].sort().map(licence).join("\n\n");
}

function licence(/** @type {string} */ name) {
  const folder = join(modules, name);
  const about = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((entry) => /^licen[sc]e(\.\w+)?$/i.test(entry));
  const text = file ? readFileSync(join(folder, file), "utf8").trim() : `Licence: ${about.license}`;
  return `==== ${name} ${about.version} (${about.license}) ====\n\n${text}\n`;
}

function writeHashed(/** @type {string} */ name, /** @type {string} */ content) {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 8);
  const hashed = name.replace(/(\.\w+)$/, `-${hash}$1`);
  write(hashed, content);
  return hashed;
}

function write(/** @type {string} */ name, /** @type {string} */ content) {
  const file = join(work, name);
  if (existsSync(file)) throw new Error(`${name} would be written twice`);
  writeFileSync(file, content);
}
