export default function Page() {
  return <h1>This page reports its visit</h1>;
}
