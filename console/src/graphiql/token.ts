// The token that GraphiQL asks with. It is kept for this tab alone, and gone with it.
const KEY = "agent-runs:graphiql-token";

export function keptToken(): string {
  return sessionStorage.getItem(KEY) ?? "";
}

export function keepToken(token: string): void {
  if (token) sessionStorage.setItem(KEY, token);
  else sessionStorage.removeItem(KEY);
}
