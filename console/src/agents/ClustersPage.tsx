import { NamesPage } from "./NamesPage.tsx";
import { clusters } from "./source.ts";

export default function ClustersPage() {
  return <NamesPage title="Clusters" source={clusters} />;
}
