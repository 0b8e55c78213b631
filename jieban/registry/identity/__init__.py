"""Identity: posts, sessions, tokens, passwords, second factors, sign-in by OpenID Connect."""
