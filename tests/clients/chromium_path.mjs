// Prints where Chromium is, for those who start it from elsewhere.
import { chromiumPath } from "./chromium.mjs";

process.stdout.write(await chromiumPath());
