export default function RunPage({ id, tab }: { id: string; tab: string | undefined }) {
  return (
    <h1>
      {id} {tab}
    </h1>
  );
}
