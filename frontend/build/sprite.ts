/* Builds one SVG sprite of the icons the desk really uses.
 *
 * Names are read from {% icon "name" %} in templates, icon="name" in templates, Python and the manifests of networks, and icons.txt (for
 * names that are put together at run time). An unknown name stops the build and says where it stands. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const code = join(here, "../../src/niva");
const outline = join(here, "../node_modules/@tabler/icons/icons/outline");
const target = join(here, "../generated/sprite.svg");

const TAG = /\{%\s*icon\s+["']([a-z0-9-]+)["']/g;
const NAMED = /\bicon["']?\s*[=:]\s*["']([a-z0-9-]+)["']/g;

function files(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(html|py|toml|txt)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !/[\\/](tests|static|migrations|node_modules)[\\/]/.test(path));
}

function names(): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of readFileSync(join(here, "../icons.txt"), "utf8").split("\n")) {
    const name = line.replace(/#.*/, "").trim();
    if (name) found.set(name, "icons.txt");
  }
  for (const path of files(code)) {
    const text = readFileSync(path, "utf8");
    for (const pattern of [TAG, NAMED]) {
      for (const match of text.matchAll(pattern)) found.set(match[1] ?? "", relative(code, path));
    }
  }
  return found;
}

function symbol(name: string): string {
  const svg = readFileSync(join(outline, `${name}.svg`), "utf8");
  const body = svg
    .replace(/<!--[\s\S]*?-->/g, "")
    .replace(/^[\s\S]*?<svg[^>]*>/, "")
    .replace(/<\/svg>\s*$/, "")
    .replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*\/>/, "")
    .replace(/\s+/g, " ")
    .trim();
  return `<symbol id="${name}" viewBox="0 0 24 24">${body}</symbol>`;
}

const used = [...names()].sort(([a], [b]) => a.localeCompare(b));
const unknown = used.filter(([name]) => !existsSync(join(outline, `${name}.svg`)));
if (unknown.length > 0) {
  for (const [name, place] of unknown) console.error(`no such icon in @tabler/icons: ${name} (${place})`);
  process.exit(1);
}
const sprite = used.map(([name]) => symbol(name)).join("\n");
mkdirSync(dirname(target), { recursive: true });
writeFileSync(target, `<svg xmlns="http://www.w3.org/2000/svg">\n${sprite}\n</svg>\n`);
console.log(`sprite: ${used.length} icons, ${(sprite.length / 1024).toFixed(1)} KB`);
