export default function ClustersPage() {
  return <h1>Clusters</h1>;
}
