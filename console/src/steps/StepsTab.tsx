export default function StepsTab({ runId }: { runId: string }) {
  return <p>{runId}</p>;
}
