// What graphql-http, by the authors of GraphQL over HTTP, finds of a service: one line for each audit.
import { serverAudits } from "graphql-http";

import { settings, tell } from "./follower.mjs";

for (const audit of serverAudits({ url: settings.url, fetchFn: fetch })) {
  const { status, reason } = await audit.fn();
  tell("audit", { id: audit.id, name: audit.name, status, reason });
}
