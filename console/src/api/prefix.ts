/** The path that the service stands under, as it wrote it into this page; empty at the root. */
export const prefix = document.querySelector<HTMLMetaElement>('meta[name="prefix"]')?.content ?? "";

/** An address of the service, for what is no page of ours: downloads, the login, other pages. */
export function serviceUrl(path: string): string {
  return prefix + path;
}

/** Have somebody log in, and come back to where they are. */
export function goToLogin(): void {
  const here = location.pathname.slice(prefix.length) + location.search + location.hash;
  location.assign(serviceUrl(`/login?next=${encodeURIComponent(here)}`));
}
