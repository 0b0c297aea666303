"""Wake-ups between processes: how one hears at once what another one committed."""
