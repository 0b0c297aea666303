interface Props {
  runId: string;
  isActive: boolean;
  steps: readonly { key: string; name: string }[];
  attempts: number;
}

export default function LogsTab({ runId, isActive, steps, attempts }: Props) {
  return (
    <p hidden={!isActive}>
      {runId} {steps.length} {attempts}
    </p>
  );
}
