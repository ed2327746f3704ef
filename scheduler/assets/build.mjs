// Bundles what the browser gets: scripts, styles, fonts, one icon sprite, the favicon.
// Every name carries a hash of its content, so that it can be cached for ever; manifest.json maps the plain names.

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import { ICONS, OCTICON } from "./icons.mjs";

const HERE = import.meta.dirname;
const DIST = path.join(HERE, "../static/dist");
const PACKAGES = path.join(HERE, "node_modules");
const OUT = path.join(PACKAGES, ".dist"); // moved to DIST when complete: a running server never sees half a build
const BROWSERS = ["chrome111", "firefox113", "safari16.4"];

rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT, { recursive: true });

const manifest = {
  "icons.svg": writeHashed("icons.svg", iconSprite()),
  "favicon.svg": writeHashed("favicon.svg", readFileSync(path.join(HERE, "src/favicon.svg"))),
  ...(await bundle()),
};
writeFileSync(path.join(OUT, "icons.json"), JSON.stringify(ICONS));
writeFileSync(path.join(OUT, "licences.txt"), licences());
writeFileSync(path.join(OUT, "manifest.json"), JSON.stringify(manifest, null, 2) + "\n");
compress();
rmSync(DIST, { recursive: true, force: true });
mkdirSync(path.dirname(DIST), { recursive: true });
renameSync(OUT, DIST);

async function bundle() {
  const built = await esbuild.build({
    entryPoints: ["app.js", "candidate.js", "app.css", "candidate.css"].map((name) => path.join(HERE, "src", name)),
    outdir: OUT,
    entryNames: "[name]-[hash]",
    assetNames: "[name]-[hash]",
    bundle: true,
    minify: true,
    format: "esm",
    target: BROWSERS,
    loader: { ".woff2": "file", ".svg": "file" },
    plugins: [weekGridPlaces()],
    legalComments: "none",
    metafile: true,
    logLevel: "warning",
  });
  const names = {};
  for (const [file, output] of Object.entries(built.metafile.outputs)) {
    if (output.entryPoint) names[path.basename(output.entryPoint)] = path.basename(file);
    if (file.includes("inter-latin-wght-normal")) names["inter.woff2"] = path.basename(file);
  }
  return names;
}

// The policy forbids style attributes, so every place in the week grid is a class.
// s8 n4 = starts in the ninth quarter of an hour shown, lasts four.
function weekGridPlaces() {
  const QUARTERS = 24 * 4;
  const LANES = 12;
  const DAYS = 7;
  const rules = ["@layer week {"];
  for (let row = 0; row < QUARTERS; row++) rules.push(`.s${row} { grid-row-start: ${row + 1} }`);
  for (let span = 1; span <= QUARTERS; span++) rules.push(`.n${span} { grid-row-end: span ${span} }`);
  for (let hours = 1; hours <= 24; hours++) rules.push(`.hours-${hours} { --rows: ${hours * 4} }`);
  for (let lane = 1; lane <= LANES; lane++) rules.push(`.lanes-${lane} { --lanes: ${lane} }`, `.lane-${lane} { grid-column: ${lane} }`);
  for (let days = 1; days <= DAYS; days++) rules.push(`.days-${days} { --days: ${days} }`);
  rules.push("}");
  return {
    name: "week-grid-places",
    setup(build) {
      build.onResolve({ filter: /^generated:week-grid-places$/ }, ({ path }) => ({ path, namespace: "generated" }));
      build.onLoad({ filter: /.*/, namespace: "generated" }, () => ({ contents: rules.join("\n"), loader: "css" }));
    },
  };
}

function iconSprite() {
  const symbols = ICONS.map((name) => {
    const svg = readFileSync(path.join(PACKAGES, "@primer/octicons/build/svg", `${OCTICON[name] ?? name}-16.svg`), "utf8");
    const drawing = svg.replace(/^<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "");
    return `<symbol id="${name}" viewBox="0 0 16 16">${drawing}</symbol>`;
  });
  const logo = readFileSync(path.join(HERE, "src/logo.svg"), "utf8").replace(/<!--[\s\S]*?-->/g, "");
  const drawing = logo.replace(/^\s*<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "").replace(/\s+/g, " ").trim();
  symbols.push(`<symbol id="logo" viewBox="0 0 32 32">${drawing}</symbol>`);
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`;
}

function writeHashed(name, content) {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 8).toUpperCase();
  const { name: stem, ext } = path.parse(name);
  const hashed = `${stem}-${hash}${ext}`;
  writeFileSync(path.join(OUT, hashed), content);
  return hashed;
}

function licences() {
  const packages = Object.keys(JSON.parse(readFileSync(path.join(HERE, "package.json"), "utf8")).dependencies);
  return packages
    .map((name) => `${name}\n\n${readFileSync(path.join(PACKAGES, name, "LICENSE"), "utf8").trim()}\n`)
    .join(`\n${"-".repeat(80)}\n\n`);
}

function compress() {
  const best = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
  for (const name of readdirSync(OUT).filter((file) => /\.(js|css|svg)$/.test(file))) {
    const content = readFileSync(path.join(OUT, name));
    writeFileSync(path.join(OUT, `${name}.br`), brotliCompressSync(content, best));
    writeFileSync(path.join(OUT, `${name}.gz`), gzipSync(content, { level: 9 }));
  }
}
