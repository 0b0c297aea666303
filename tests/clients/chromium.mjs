// Chromium: Debian's where it is installed, else as an npm package brings it: packed, and with flags for a cloud's
// functions that would turn off what is tested here. So that one is unpacked by us, once, and started as any other.
import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { rename } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { createBrotliDecompress } from "node:zlib";

import { chromium } from "playwright-core";

const folder = new URL("node_modules/@sparticuz/chromium/bin/", import.meta.url);
const program = new URL("chromium", folder);

// Nothing of its own accord: a test's machine may have no network.
const args = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A browser without a window, and without a sandbox, which needs rights that containers lack. */
export async function launched() {
  return chromium.launch({ executablePath: await chromiumPath(), args, chromiumSandbox: false });
}

/** Where the program is. */
export async function chromiumPath() {
  return installed() ?? (await packaged());
}

function installed() {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.map((each) => join(each, "chromium")).find((each) => existsSync(each));
}

async function packaged() {
  if (!existsSync(program)) await unpack();
  return fileURLToPath(program);
}

async function unpack() {
  const packed = createReadStream(new URL("chromium.br", folder));
  const half = new URL(`chromium.${process.pid}`, folder);
  await pipeline(packed, createBrotliDecompress(), createWriteStream(half, { mode: 0o755 }));
  await rename(half, program);
}
