import { NamesPage } from "./NamesPage.tsx";
import { agents } from "./source.ts";

export default function AgentsPage() {
  return <NamesPage title="Agents" source={agents} />;
}
