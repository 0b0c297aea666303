// Chromium, as its package brings it: packed, and with flags for a cloud's functions that would turn off what is
// tested here. So it is unpacked by us, once, and started as anywhere else.
import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { rename } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { createBrotliDecompress } from "node:zlib";

import { chromium } from "playwright-core";

const folder = new URL("node_modules/@sparticuz/chromium/bin/", import.meta.url);
const program = new URL("chromium", folder);

/** A browser without a window. */
export async function launched() {
  if (!existsSync(program)) await unpack();
  return chromium.launch({ executablePath: fileURLToPath(program) });
}

async function unpack() {
  const packed = createReadStream(new URL("chromium.br", folder));
  const half = new URL(`chromium.${process.pid}`, folder);
  await pipeline(packed, createBrotliDecompress(), createWriteStream(half, { mode: 0o755 }));
  await rename(half, program);
}
