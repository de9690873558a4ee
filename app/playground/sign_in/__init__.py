"""How people come in where others can reach the server: by a link, a shared password, or an identity provider."""
