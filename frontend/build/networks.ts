/* Writes the ground of each network's sign out of the manifests, so that a network brings its colour along. */
import { mkdirSync, readdirSync, readFileSync, existsSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const networks = join(here, "../../src/niva/networks");
const target = join(here, "../generated/networks.css");

const rules: string[] = [];
for (const name of readdirSync(networks).sort()) {
  const manifest = join(networks, name, "manifest.toml");
  if (!existsSync(manifest)) continue;
  const colour = /^colour = "(oklch\([\d. ]+\))"$/m.exec(readFileSync(manifest, "utf8"))?.[1];
  if (colour) rules.push(`.net.${name} { background: ${colour}; }`);
}
mkdirSync(dirname(target), { recursive: true });
writeFileSync(target, `${rules.join("\n")}\n`);
console.log(`signs: ${rules.length} networks`);
